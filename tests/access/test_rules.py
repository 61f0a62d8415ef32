"""What a row of the Hub means for what we hold, and what an address and a set of answers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access import rules, states
from access.rules import Ours, Reading, Theirs

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float | None) -> datetime | None:
    return None if seconds is None else T0 + timedelta(seconds=seconds)


def ours(
    status: str, hub: str, *, decided: float | None = None, pushed: float | None = None, here: bool = False
) -> Ours:
    """What we hold of somebody who asked at T0; other times are seconds after that."""
    return Ours(status, hub, not here, T0, at(decided), at(pushed))


def theirs(status: str, *, asked: float = 0, reviewed: float | None = None, read: float = 1000) -> Theirs:
    return Theirs(status, at(asked), at(reviewed), T0 + timedelta(seconds=read))


@pytest.mark.parametrize(
    ("held", "shown", "expected"),
    [
        # nothing new
        (ours("pending", "pending"), theirs("pending"), "same"),
        (ours("accepted", "pending", decided=50), theirs("pending"), "same"),
        (ours("accepted", "accepted", decided=50, pushed=990), theirs("accepted", reviewed=990), "same"),
        # the Hub came to what we hold, by our push or by itself, however soon
        (ours("accepted", "pending", decided=50, pushed=999), theirs("accepted", reviewed=999), "agrees"),
        (ours("rejected", "pending", decided=50), theirs("rejected", reviewed=40), "agrees"),
        # an echo: a read begun within 30 s of our push that does not show the wanted status proves nothing
        (ours("accepted", "accepted", decided=50, pushed=970.1), theirs("pending"), "echo"),
        (ours("accepted", "accepted", decided=50, pushed=999), theirs("rejected", reviewed=998), "echo"),
        (ours("accepted", "accepted", decided=50, pushed=1001), theirs("pending"), "echo"),
        # half a minute later it does
        (ours("accepted", "accepted", decided=50, pushed=970), theirs("pending"), "follow"),
        # the Hub changed on its own while nothing of ours waited
        (ours("pending", "pending"), theirs("accepted", reviewed=900), "follow"),
        (ours("accepted", "accepted", decided=50, pushed=60), theirs("rejected", reviewed=900), "follow"),
        (ours("rejected", "rejected", decided=50, pushed=60), theirs("pending"), "follow"),
        (ours("withdrawn", "none"), theirs("pending", asked=0), "follow"),
        # a decision of ours was waiting: the later in time stands, by the Hub's own time of review where it tells one
        (ours("accepted", "pending", decided=100), theirs("rejected", reviewed=101), "superseded"),
        (ours("accepted", "pending", decided=100), theirs("rejected", reviewed=99), "keep"),
        (ours("accepted", "pending", decided=100), theirs("rejected", reviewed=100), "keep"),
        (ours("accepted", "pending", decided=100), theirs("reset", read=99), "keep"),
        (ours("accepted", "pending", decided=100), theirs("reset", read=101), "superseded"),
        (ours("pending", "accepted", decided=100), theirs("rejected", reviewed=99), "keep"),
        # somebody asked again: a later row than the one we hold, which is no echo of it
        (ours("reset", "reset", decided=50, pushed=60), theirs("pending", asked=200), "follow"),
        (ours("reset", "reset", decided=50, pushed=990), theirs("pending", asked=995), "follow"),
        (ours("pending", "pending"), theirs("pending", asked=200), "follow"),
        (ours("rejected", "reset", decided=300), theirs("pending", asked=200), "keep"),
        (ours("rejected", "reset", decided=100), theirs("pending", asked=200), "superseded"),
        # an acceptance that waits answers whoever asks meanwhile
        (ours("accepted", "none", decided=100, here=True), theirs("pending", asked=200), "keep"),
        (ours("accepted", "none", decided=0, here=True), theirs("pending", asked=0.5), "keep"),
        (ours("accepted", "reset", decided=100), theirs("pending", asked=200), "keep"),
        # the Hub dates a grant by itself: that is nobody's new question
        (ours("accepted", "accepted", decided=0, pushed=5, here=True), theirs("accepted", asked=5), "same"),
        (ours("accepted", "none", decided=0, pushed=999, here=True), theirs("accepted", asked=999), "agrees"),
        (ours("reset", "reset", decided=50, pushed=60, here=True), theirs("pending", asked=500), "follow"),
    ],
)
def test_what_a_row_of_the_hub_means(held: Ours, shown: Theirs, expected: str):
    assert rules.read(held, shown) == Reading(expected)


@pytest.mark.parametrize(
    ("asked", "here", "status", "again"),
    [(0, False, "pending", False), (0.9, False, "pending", False), (1.1, False, "pending", True)]
    + [(900, False, "accepted", True), (900, True, "accepted", False), (900, True, "pending", True)],
)
def test_only_a_later_row_is_a_new_ask(asked: float, here: bool, status: str, again: bool):
    assert rules.is_new_ask(ours("reset", "reset", here=here), theirs(status, asked=asked)) is again


seconds = st.one_of(st.none(), st.integers(-100, 2000))
held_requests = st.builds(
    Ours,
    st.sampled_from(states.OURS),
    st.sampled_from(states.THEIRS),
    st.booleans(),
    st.just(T0),
    seconds.map(at),
    seconds.map(at),
)
shown_rows = st.builds(
    Theirs, st.sampled_from(states.HUB_LISTS), seconds.map(at), seconds.map(at), st.integers(-100, 2000).map(at)
)


@given(held_requests, shown_rows)
def test_every_row_means_one_thing_and_always_the_same(held: Ours, shown: Theirs):
    reading = rules.read(held, shown)
    assert reading == rules.read(held, shown)
    waiting = states.wanted_push(held.status, held.hub_status, asked_on_hub=held.asked_on_hub) is not None
    again = rules.is_new_ask(held, shown)
    assert (reading == "same") == (shown.status == held.hub_status and not again)
    if reading == "agrees":
        assert shown.status == held.status
    if reading in ("keep", "superseded"):
        assert waiting
    if reading == "echo":
        assert held.pushed_at is not None
        assert shown.read_at < held.pushed_at + timedelta(seconds=30)
        assert not again
    if reading == "follow":
        assert not waiting


@pytest.mark.parametrize(
    ("status", "wait"), [("accepted", 0), ("rejected", 10), ("reset", 10), ("pending", 0), ("withdrawn", 0)]
)
def test_what_the_hub_mails_about_waits_ten_seconds(status: str, wait: int):
    assert rules.push_due_at(status, T0) == T0 + timedelta(seconds=wait)


@pytest.mark.parametrize(
    ("address", "domain", "kind"),
    [
        ("a@charite.de", "charite.de", "institutional"),
        ("A@Inf.ETHZ.ch", "inf.ethz.ch", "institutional"),
        ("b@gmail.com", "gmail.com", "free"),
        ("b@GMAIL.com.", "gmail.com", "free"),
        ("c@mailinator.com", "mailinator.com", "disposable"),
        ("c@team.mailinator.com", "team.mailinator.com", "disposable"),
        ("odd@@qq.com", "qq.com", "free"),
        ("", "", ""),
        ("no address", "", ""),
        ("nobody@", "", ""),
    ],
)
def test_a_domain_tells_the_kind_of_an_address(address: str, domain: str, kind: str):
    assert rules.mail_facts(address) == rules.MailFacts(domain, rules.MailKind(kind))


FORM: list[dict[str, Any]] = [
    {"label": "Name", "type": "text", "options": []},
    {
        "label": "Use",
        "type": "select",
        "options": [{"label": "Research", "value": "r"}, {"label": "Other", "value": "o"}],
    },
    {"label": "Land", "type": "country", "options": []},
    {"label": "I agree", "type": "checkbox", "options": []},
    {"label": "IP", "type": "ip_location", "options": []},
]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, [("Name", None), ("Use", None), ("Land", None), ("I agree", None)]),
        (
            {"Use": "r", "Name": "Ada", "Land": "gh", "I agree": "on"},
            [("Name", "Ada"), ("Use", "Research"), ("Land", "Ghana"), ("I agree", "Agreed")],
        ),
        (
            {"Use": "x", "Land": "ZZ", "I agree": "false", "IP": "Accra"},
            [("Name", None), ("Use", "x"), ("Land", "ZZ"), ("I agree", "false"), ("IP", "Accra")],
        ),
        # a question that this version no longer has keeps its answer
        (
            {"Organisation": "KNUST"},
            [("Name", None), ("Use", None), ("Land", None), ("I agree", None), ("Organisation", "KNUST")],
        ),
    ],
)
def test_answers_stand_beside_their_questions_and_none_is_lost(answers: dict[str, str], expected: list[tuple]):
    rows = rules.answered(FORM, answers)
    assert [(row.label, row.answer) for row in rows] == expected
    assert [row.label for row in rows if not row.asked] == [label for label in answers if label == "Organisation"]


@given(st.dictionaries(st.text(), st.text()))
def test_every_answer_is_shown_once(answers: dict[str, str]):
    shown = [row.label for row in rules.answered(FORM, answers) if row.answer is not None]
    assert sorted(shown) == sorted(answers)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"Use": "a long option that is no free text", "Name": "Ada"}, "Ada"),
        ({"Use": "r", "Old": "what was said  before\nthe change"}, "what was said before the change"),
        ({}, ""),
        ({"Name": "x" * 500}, "x" * 300),
    ],
)
def test_a_list_shows_the_free_text_that_says_most(answers: dict[str, str], expected: str):
    assert rules.first_words(FORM, answers) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [({"A": "1", "B": "2"}, 3), ({"A": "1", "C": "2"}, 2), ({"A": "1"}, 3), ({"Z": "1"}, 3), ({}, 3)],
)
def test_a_request_answered_the_newest_version_that_has_its_questions(answers: dict[str, str], expected: int):
    assert rules.matching_form([(3, ["A", "B"]), (2, ["A", "C"]), (1, [])], answers) == expected
    assert rules.matching_form([], answers) is None


@pytest.mark.parametrize(
    ("fields", "answers", "expected"),
    [(FORM, {}, True), (FORM, {"Name": "Ada"}, False), ([], {}, False), (FORM[-1:], {}, False)],
)
def test_asked_before_there_were_questions(fields: list, answers: dict[str, str], expected: bool):
    assert rules.asked_before_questions(fields, answers) is expected


def test_search_text_is_bounded_and_without_case():
    assert rules.search_text("Ada  LOVELACE", "", "a@b.C") == "ada lovelace a@b.c"
    assert len(rules.search_text("x" * 50_000)) == 20_000
