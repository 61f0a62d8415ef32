"""What each role is called, and what it sees and does, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RoleWords:
    """`name` as a label, `article` with its article inside a sentence; `sees`, `does` and `not_` are what somebody in
    this role reads before they accept it."""

    name: str
    article: str
    sees: str
    does: str
    not_: str


WORDS = {
    "author": RoleWords(
        "Author",
        "an author",
        "Everything of the namespace.",
        "Decides, rules on content tags, names people and changes every setting.",
        "",
    ),
    "reviewer": RoleWords(
        "Reviewer",
        "a reviewer",
        "The access requests with the e-mail addresses and answers of the people who ask, and the notes on them.",
        "Decides on requests, one by one or many at once, assigns them and writes notes.",
        "Changes no setting, no token and no content tag, and names nobody.",
    ),
    "auditor": RoleWords(
        "Auditor",
        "an auditor",
        "Who asked, what was decided, by whom and why; the history and the statistics.",
        "Reads and exports.",
        "Sees no e-mail address, no answer and no note, and decides nothing.",
    ),
    "steward": RoleWords(
        "Steward",
        "a steward",
        "Proposals for the content tag, with their evidence and who made them.",
        "Rules on proposals, sets and clears the tag.",
        "Sees no access request.",
    ),
}
GIVEN = ("reviewer", "auditor", "steward")  # what an author can name somebody
OF_ONE_REPOSITORY = ("reviewer", "auditor")
