"""Two versions of a gate form: what came, went and changed, down to the word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repos.comparison import ADDED, CHANGED, REMOVED, SAME, compare, words
from repos.rules import Form
from tests import factories

TEXT = st.text(st.sampled_from("ab c\nü "), max_size=40)


def form(fields=(), **texts) -> Form:
    known = {"heading": None, "description": None, "prompt": None, "button": None, "eu_disallowed": False}
    return Form(fields, **(known | texts))


def asks(label, kind="text", options=()):
    return {"label": label, "type": kind, "options": [{"label": text, "value": value} for value, text in options]}


@given(TEXT, TEXT)
def test_the_pieces_hold_both_texts(before, after):
    pieces = words(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind != REMOVED) == after
    if before == after:
        assert {piece.kind for piece in pieces} <= {SAME}


def test_a_very_long_text_is_compared_by_line():
    before = "\n".join(f"line {number} of the terms" for number in range(2000))
    pieces = words(before, before.replace("line 7 of", "line seven of"))
    assert [piece.text for piece in pieces if piece.kind == ADDED] == ["line seven of the terms\n"]


def test_questions_that_came_went_and_changed():
    before = form([asks("Name"), asks("Role", "select", [("r", "Researcher"), ("s", "Student")]), asks("Age")])
    after = form([asks("Role", "select", [("r", "Scientist"), ("t", "Teacher")]), asks("Name", "country"), asks("Why")])
    found = compare(before, after)
    assert [(question.kind, question.label) for question in found.questions] == [
        (CHANGED, "Role"), (CHANGED, "Name"), (ADDED, "Why"), (REMOVED, "Age"),
    ]  # fmt: skip
    assert found.questions[0].notes == [
        "Option “Teacher” came.",
        "Option “Student” went.",
        "Option “Researcher” reads “Scientist” now.",
    ]
    assert found.questions[1].notes == ["It was text and is country."]
    assert found.moved


def test_texts_and_people_in_the_eu():
    found = compare(form(heading="Ask", prompt="The old terms"), form(prompt="The new terms", eu_disallowed=True))
    assert [(text.name, text.kind) for text in found.texts] == [("Heading", REMOVED), ("What they agree to", CHANGED)]
    assert [(piece.kind, piece.text) for piece in found.texts[1].pieces if piece.kind != SAME] == [
        (REMOVED, "old"),
        (ADDED, "new"),
    ]
    assert found.eu == "People in the EU are kept out now."
    assert not found.is_same
    assert compare(form([asks("Name")]), form([asks("Name")])).is_same


@pytest.mark.parametrize(("query", "says"), [
    ("?from=1&to=2", "Version 1 and version 2"), ("?from=2&to=1", "Version 1 and version 2"),
    ("?from=1&to=1", "Choose two different versions"), ("?from=x&to=9", "Choose two different versions"),
    ("", "Versions"),
])  # fmt: skip
def test_the_page_compares_the_two_that_are_chosen(as_author, query, says):
    found = factories.make_repository(card=factories.form_card({"Organisation": "text"}))
    factories.change_card(found, factories.form_card({"Organization": "text"}))
    page = as_author.get(f"/repositories/{found.pk}/form/{query}").content.decode()
    assert says in page
    assert ("Added: </span>Organization</ins>" in page) is says.startswith("Version 1")
