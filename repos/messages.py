"""What the state of a namespace's token means for its authors, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TokenMessage:
    """`title` in a line, `next_step` what to do about it, `badge` two words for lists. `tone` is good, caution, bad or
    empty; `icon` one of `hubgate.http.icons`. `replace`: whether another token is the way out."""

    title: str
    next_step: str
    badge: str
    tone: str
    icon: str
    replace: bool = False


TOKEN_STATES = {
    "checking": TokenMessage(
        "Checking the token…",
        "hubgate asks the Hub whose token it is and what it may do. This takes a few seconds.",
        "Checking",
        "",
        "clock",
    ),
    "working": TokenMessage("The token works", "", "Token works", "good", "check"),
    "read_only": TokenMessage(
        "The token can only read",
        "Requests are mirrored and shown, but nothing can be decided here. "
        "Store a token with write access to decide in hubgate.",
        "Token only reads",
        "caution",
        "lock",
        replace=True,
    ),
    "narrow": TokenMessage(
        "The token is too narrow",
        "Widen it in your settings on the Hub and check it again, or store a wider one. "
        "Until then hubgate sees only what is public, and nothing is deleted here.",
        "Token too narrow",
        "bad",
        "alert",
        replace=True,
    ),
    "dead": TokenMessage(
        "The Hub does not accept the token",
        "Make a new token on the Hub and store it below. The mirror stands still until then.",
        "Token refused",
        "bad",
        "cross",
        replace=True,
    ),
    "wrong_account": TokenMessage(
        "The token belongs to an account without a role here",
        "Store a token of a member who may write in this namespace, or give that account the role on the Hub and "
        "check again.",
        "Wrong account",
        "bad",
        "account",
        replace=True,
    ),
    "unreachable": TokenMessage(
        "The Hub could not be asked about the token",
        "The token itself may be fine: hubgate asks again by itself, or you check again now.",
        "Not checked",
        "caution",
        "cloud-off",
    ),
}
