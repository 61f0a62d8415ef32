"""Paging and searching the inbox."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from access import queries
from access.queries import Filter, lists
from hubgate.errors import InvalidInputError
from tests import factories


@pytest.fixture
def author(db):
    return factories.make_author()


@given(st.datetimes(timezones=st.just(timezone.get_default_timezone())), st.integers(1, 2**62))
def test_a_cursor_comes_back_as_it_was(at, pk: int):
    row: Any = SimpleNamespace(asked_at=at, pk=pk)
    assert lists.read_cursor(lists.cursor_of("o", row)) == (False, at, pk)
    assert lists.read_cursor(lists.cursor_of("n", row)) == (True, at, pk)


def test_pages_forth_and_back_show_every_row_once_also_of_one_moment(author):
    repository = factories.make_repository()
    moment = timezone.now().replace(microsecond=123000)
    for number in range(23):
        factories.ask(repository, f"person-{number}", asked_at=moment - timedelta(milliseconds=number // 9))
    actor, shown, cursor, newer = factories.actor(author), [], "", []
    while True:
        page = queries.page(actor, Filter(), cursor=cursor, size=4)
        shown.append([row.id for row in page.rows])
        newer.append(page.newer)
        if not page.older:
            break
        cursor = page.older
    flat = [one for page_ids in shown for one in page_ids]
    assert len(flat) == len(set(flat)) == 23
    assert newer[0] == ""
    for place in range(len(shown) - 1, 0, -1):
        page = queries.page(actor, Filter(), cursor=newer[place], size=4)
        assert [row.id for row in page.rows] == shown[place - 1]


@pytest.mark.parametrize(
    "cursor", ["x1-2", "o", "o1", "o1-", "oa-b", "1-2", "o99999999999999999999999-1", "-", "o1-2-3", "\x00", "n--1-1-1"]
)
def test_what_is_no_cursor_is_refused(author, cursor: str):
    with pytest.raises(InvalidInputError) as refused:
        queries.page(factories.actor(author), Filter(), cursor=cursor)
    assert refused.value.code == "bad_cursor"


@pytest.mark.parametrize("cursor", [f"o1-{2**63}", f"o1-{10**30}", f"n1-{10**30}", "o-62135596800000000-1"])
def test_a_cursor_beyond_every_row_is_an_end(author, cursor: str):
    factories.ask(factories.make_repository())
    assert queries.page(factories.actor(author), Filter(), cursor=cursor).rows is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {"ada_l", "bo%b", "çelik", "xm"}),
        ("ada_", {"ada_l"}),
        ("ADA", {"ada_l"}),
        ("da_l north", {"ada_l"}),
        ("northl%", set()),
        ("northl_ke", set()),
        ("northlake o%b", {"bo%b"}),
        ("northlake.edu", {"ada_l", "bo%b", "çelik"}),
        ("@northlake", {"ada_l", "bo%b", "çelik"}),
        ("institut für", {"çelik"}),
        ("für institut", {"çelik"}),
        ("çel", {"çelik"}),
        ("elik", {"çelik"}),
        ("tiny-g", {"ada_l", "bo%b", "çelik"}),
        ("tiny-g spra", {"çelik"}),
        ("ada celik", set()),
        ("AD", {"ada_l"}),
        ("a", {"ada_l"}),
        ("a_", set()),
        ("bo%", {"bo%b"}),
        ("da", set()),
        ("王小", {"xm"}),
        ("小明", set()),
        ("\\", set()),
        ("'", set()),
    ],
)
def test_search_finds_the_middle_of_words_and_takes_wildcards_for_letters(author, text: str, found: set[str]):
    repository = factories.make_repository()
    factories.ask(repository, "ada_l")
    factories.ask(repository, "bo%b")
    factories.ask(repository, "çelik", answers={"Affiliation": "Institut für Sprache"})
    factories.ask(factories.make_repository("aurora-lab/other"), "xm", name="王小明", email="")
    actor = factories.actor(author)
    assert {row.username for row in queries.page(actor, Filter(text=text)).rows} == found
    assert queries.count(actor, Filter(text=text)).number == len(found)


def test_a_page_takes_the_same_queries_however_long_it_is(author, django_assert_max_num_queries):
    repository = factories.make_repository()
    factories.record(repository, *[factories.row(f"person-{number}") for number in range(60)])
    actor = factories.actor(author)
    for size in (1, 50):
        with django_assert_max_num_queries(3):
            assert len(queries.page(actor, Filter(), size=size).rows) == size
