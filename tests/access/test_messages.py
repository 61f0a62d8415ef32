"""Lines that pages say about requests."""

from __future__ import annotations

import pytest

from access import messages
from tests import factories


@pytest.mark.parametrize(
    ("gate", "waiting", "said"),
    [
        ("manual", 2, ""),
        ("auto", 0, ""),
        ("auto", 1, "1 request still waits: an automatic gate"),
        ("auto", 1200, "1,200 requests still wait: an automatic gate"),
        ("open", 2, "2 requests still wait, although anybody can download now"),
        ("members", 2, ""),
    ],
)
def test_who_still_waits_behind_a_gate_that_changed_is_said(gate: str, waiting: int, said: str):
    sentence = messages.still_waiting(gate, waiting)
    assert sentence.startswith(said)
    assert bool(sentence) == bool(said)


def test_the_page_of_a_repository_says_it(client, db):
    """Field report 25: an automatic gate lets in nobody who asked before."""
    author = factories.make_author()
    repository = factories.make_repository(gated="auto")
    factories.ask(repository, "kim")
    client.force_login(author)
    assert "1 request still waits" in client.get(f"/repositories/{repository.pk}/").content.decode()


def test_a_repository_whose_form_was_never_read_is_not_said_to_ask_nothing(client, db):
    author = factories.make_author()
    request = factories.ask(factories.make_repository(), "kim")
    client.force_login(author)
    page = client.get(f"/requests/{request.pk}/").content.decode()
    assert "hubgate knows no gate form of this repository" in page
    assert "The form asked nothing" not in page
