"""Every cell of the two tables: who may move what to where, and what the Hub has to be told."""

from __future__ import annotations

import pytest

from access import states

STATUSES = ("none", "pending", "accepted", "rejected", "reset", "withdrawn")

# verb → where it leads from none, pending, accepted, rejected, reset, withdrawn; "–" is refused.
MOVES = {
    "ask": ("pending", "–", "–", "–", "pending", "pending"),
    "withdraw": ("–", "withdrawn", "–", "–", "–", "–"),
    "accept": ("–", "accepted", "–", "accepted", "accepted", "–"),
    "grant": ("accepted", "–", "–", "–", "–", "accepted"),
    "reject": ("–", "rejected", "rejected", "–", "rejected", "–"),
    "reset": ("–", "reset", "reset", "reset", "–", "–"),
    "put_back": ("–", "–", "pending", "pending", "pending", "–"),
}

# ours → what the Hub is told while it says none, pending, accepted, rejected, reset; "–": the two agree.
PUSHES = {
    ("pending", "asked on the Hub"): ("–", "–", "pending", "pending", "pending"),
    ("pending", "asked here"): ("–", "–", "pending", "pending", "–"),
    ("accepted", "asked on the Hub"): ("grant", "accepted", "–", "accepted", "accepted"),
    ("accepted", "asked here"): ("grant", "accepted", "–", "accepted", "accepted"),
    ("rejected", "asked on the Hub"): ("–", "rejected", "rejected", "–", "rejected"),
    ("rejected", "asked here"): ("–", "rejected", "rejected", "–", "rejected"),
    ("reset", "asked on the Hub"): ("–", "reset", "reset", "reset", "–"),
    ("reset", "asked here"): ("–", "reset", "reset", "reset", "–"),
    ("withdrawn", "asked on the Hub"): ("–", "reset", "reset", "–", "–"),
    ("withdrawn", "asked here"): ("–", "reset", "reset", "–", "–"),
}


@pytest.mark.parametrize(
    ("verb", "status", "expected"),
    [(verb, status, cell) for verb, cells in MOVES.items() for status, cell in zip(STATUSES, cells, strict=True)],
)
def test_each_verb_leads_where_the_table_says(verb: str, status: str, expected: str):
    assert states.next_status(verb, status) == (None if expected == "–" else expected)


@pytest.mark.parametrize(
    ("ours", "asked", "theirs", "expected"),
    [
        (ours, asked, theirs, cell)
        for (ours, asked), cells in PUSHES.items()
        for theirs, cell in zip(states.THEIRS, cells, strict=True)
    ],
)
def test_the_hub_is_told_what_the_table_says(ours: str, asked: str, theirs: str, expected: str):
    push = states.wanted_push(ours, theirs, asked_on_hub=asked == "asked on the Hub")
    told = "–" if push is None else "grant" if push.action == "grant" else push.status
    assert told == expected
    assert push is None or push.action == ("grant" if expected == "grant" else "status")


def test_the_tables_name_every_verb_and_status_there_is():
    assert {verb for verb, _ in states.MOVES} == set(MOVES)
    assert {*states.OURS, "none"} == set(STATUSES)
    assert set(states.OURS) == {ours for ours, _ in PUSHES}


def test_reviewers_decide_and_do_nothing_that_is_the_requesters():
    assert set(states.REVIEWER_VERBS) == {"accept", "reject", "reset", "put_back"}
