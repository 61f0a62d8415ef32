"""What an access token may be used for. A token never gives more than its account has. Pure."""

from __future__ import annotations

READ = "read"
PERSONAL = "personal"
DECIDE = "decide"

# Scope → what it lets a token do, as the page and the API's description say it.
SCOPES = {
    READ: "Read repositories, requests, content tags, drift, events and notifications, without addresses and answers",
    PERSONAL: "Read the e-mail addresses and answers of requests, and the notes on them",
    DECIDE: "Decide, grant, assign, write notes, settle drift, rule on content tags, mark notifications as read, and "
    "withdraw and renew your own requests",
}
ALL = frozenset(SCOPES)
