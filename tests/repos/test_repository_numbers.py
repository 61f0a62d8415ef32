"""Statistics, downloads, history and former names on the pages of repositories and namespaces."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access import actions, states
from tests import factories
from tests.repos.conftest import shown


@pytest.fixture
def author(db):
    """Somebody whose namespace is connected for a year."""
    with time_machine.travel(timezone.now() - timedelta(days=365), tick=False):
        return factories.make_author()


@pytest.fixture
def found(author):
    return factories.make_repository()


def rows_of(page, title):
    """The numbers of a plot's table, and those that its columns or bars carry."""
    figure = next(part for part in page.split("<figure")[1:] if f">{title}</h3>" in part).partition("</figure>")[0]
    table = [re.findall(r"<t[hd][^>]*>([^<]*)</t", row) for row in re.findall(r"<tr>(.*?)</tr>", figure, re.S)[1:]]
    return table, re.findall(r"<title>([^<]*)</title>", figure)


def test_columns_and_table_tell_the_same(as_author, author, found):
    for index in range(9):
        request = factories.ask(found, f"p{index}", asked_at=timezone.now() - timedelta(days=7 * index, hours=5))
        if index % 2:
            factories.decide(author, request, states.ACCEPT)
    page = as_author.get(f"/repositories/{found.pk}/statistics/").content.decode()
    table, drawn = rows_of(page, "Requests over time")
    assert len(table) == 12
    for column in (1, 2):
        told = [f"{row[0].rsplit(' 20', 1)[0]}: {row[column]}" for row in table if row[column] != "0"]
        assert set(told) <= set(drawn)
    assert len(drawn) == sum(row[column] != "0" for row in table for column in (1, 2))
    table, drawn = rows_of(page, "Outcomes by cause")
    assert drawn == [f"{label}: {number}" for label, number in table] == ["Accepted by a person here: 4 (100 %)"]
    assert "9 asked and 4 were decided in the last 12 weeks" in page


@pytest.mark.parametrize("query", ["", "?reach=4w", "?reach=52w", "?reach=nonsense"])
def test_a_repository_without_requests_says_so(as_author, found, query):
    for url in (f"/repositories/{found.pk}/statistics/", "/namespaces/aurora-lab/statistics/"):
        page = as_author.get(url + query).content.decode()
        assert "Nobody asked and nothing was decided" in page
        assert '<svg class="hg-plot"' not in page


def test_strangers_find_no_numbers(as_stranger, found):
    for url in (f"/repositories/{found.pk}/statistics/", "/namespaces/aurora-lab/statistics/"):
        assert as_stranger.get(url).status_code == 404


def test_who_can_download_now(as_author, author, found):
    member = factories.make_author("other-lab", "petra", name="Petra Member")
    factories.make_member(member, "aurora-lab", role="read")
    factories.decide(author, factories.ask(found, "jordan"), states.ACCEPT)
    actions.grant(actor=factories.actor(author), repository_id=found.pk, username="granted")
    page = shown(as_author.get(f"/repositories/{found.pk}/").content.decode())
    assert f'?repository={found.pk}&amp;status=accepted">2 people</a>, 1 of them let in by hand' in page
    assert "2 of them the Hub has not let in yet" in page
    assert "hubgate cannot read that switch" in page
    assert "Signed in here: <bdi>petra</bdi>" in page
    factories.make_repository(found.name, private=True)
    assert (
        "None of them can download while the repository is private"
        in as_author.get(f"/repositories/{found.pk}/").content.decode()
    )
    factories.make_repository(found.name, gated=False)
    assert (
        "Anybody: the repository is public and has no gate."
        in as_author.get(f"/repositories/{found.pk}/").content.decode()
    )


def test_the_history_comes_in_pages_and_kinds(as_author, author, found):
    for index in range(30):
        factories.decide(author, factories.ask(found, f"p{index}"), states.ACCEPT)
    url, seen = f"/repositories/{found.pk}/history/", []
    page = as_author.get(url).content.decode()
    while True:
        seen += re.findall(r"<div class=\"hg-timeline__text\">(.*?)</div>", page)
        following = re.search(r'href="([^"]*)" rel="next"', page)
        if not following:
            break
        page = as_author.get(following[1].replace("&amp;", "&")).content.decode()
    assert len(seen) == 61  # 30 asked, 30 accepted, 1 found
    assert 'rel="prev"' in page
    decisions = as_author.get(f"{url}?kind=decisions").content.decode()
    assert decisions.count("accepted the request") == 30
    assert "was found on the Hub" not in shown(decisions)
    assert as_author.get(f"{url}?kind=pushes").content.decode().count("Nothing of this kind") == 1
    for odd in ("?cursor=zz", "?kind=%00&cursor=o1", "?cursor=o99999999999999999999"):
        assert as_author.get(url + odd).status_code == 200


def renamed(found, name):
    from hubgate.hub.types import RepoInfo
    from repos import actions as repo_actions

    info = RepoInfo(
        kind="models", id=name, hub_id=found.hub_id, author="aurora-lab", gated="manual", private=False, disabled=False,
        sha="0" * 40, tags=(), last_modified=timezone.now(), created_at=timezone.now(), card_data=None,
    )  # fmt: skip
    repo_actions.record_repositories(namespace=found.namespace, infos=[info], read_at=timezone.now(), complete=False)


def test_a_former_name_leads_to_the_repository_of_today(as_author, as_stranger, found):
    renamed(found, "aurora-lab/renamed")
    here = f"/repositories/{found.pk}/"
    for name in ("tiny-gated", "TINY-gated", "renamed"):
        assert as_author.get(f"/repositories/named/aurora-lab/{name}/").headers["location"] == here
        assert as_stranger.get(f"/repositories/named/aurora-lab/{name}/").status_code == 404
    assert "aurora-lab/</span>renamed" in as_author.get("/repositories/?q=tiny-gated").content.decode()
    assert as_author.get("/repositories/named/aurora-lab/tiny/").status_code == 404
    fresh = factories.make_repository("aurora-lab/tiny-gated", kind="datasets")
    assert (
        as_author.get("/repositories/named/aurora-lab/tiny-gated/").headers["location"] == f"/repositories/{fresh.pk}/"
    )


def test_pages_take_the_same_number_of_queries_however_many_asked(as_author, author, found):
    urls = [f"/repositories/{found.pk}/", f"/repositories/{found.pk}/statistics/", "/namespaces/aurora-lab/statistics/"]

    def queries():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as caught:
                as_author.get(url)
            counts.append(len(caught))
        return counts

    factories.decide(author, factories.ask(found, "first"), states.ACCEPT)
    few = queries()
    for index in range(12):
        factories.decide(author, factories.ask(found, f"p{index}"), states.ACCEPT)
    assert queries() == few
