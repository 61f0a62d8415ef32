"""The data of the benchmarks, and the fake Hub that serves it, against hubgate's own client."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import orjson
import pytest

from benchmarks import fakehub, gen, site
from benchmarks.gen import Dataset
from hubgate.hub.budget import MemoryBudgetStore
from hubgate.hub.client import HubClient
from hubgate.hub.rows import read_request_rows
from hubgate.hub.tokens import judge_token
from hubgate.hub.types import REQUEST_STATUSES, RequestTarget
from tests.procfixtures import StartProcess, free_port

DATASET = Dataset(3000)


def test_a_data_set_has_all_its_rows_once_and_the_wanted_shares():
    statuses: Counter[str] = Counter()
    for repo in DATASET.repositories:
        rows = list(DATASET.all_rows(repo))
        assert len({row.person for row in rows}) == len({row.request_id for row in rows}) == repo.rows
        assert all(newer.asked_at >= older.asked_at for newer, older in zip(rows, rows[1:], strict=False))
        statuses.update(row.status for row in rows)
    assert sum(statuses.values()) == DATASET.rows
    assert 0.17 < statuses["pending"] / DATASET.rows < 0.23
    assert 0.62 < statuses["accepted"] / DATASET.rows < 0.68


def test_a_page_reads_back_as_the_rows_that_it_was_made_of():
    repo = DATASET.repositories[0]
    for status, pages in DATASET.pages(repo):
        due = [row for row in DATASET.all_rows(repo) if row.status == status]
        found = [row for page in pages for row in read_request_rows(page, status)[0]]
        assert [row.request_id for row in found] == [row.request_id for row in due]
        assert [row.requested_at.replace(microsecond=0) for row in found] == [
            row.asked_at.replace(microsecond=0) for row in due
        ]
        assert [row.fields for row in found] == [row.answers for row in due]
        assert [row.username for row in found] == [DATASET.person(row.person).username for row in due]


@pytest.mark.processes
def test_the_fake_hub_serves_lists_and_takes_decisions(tmp_path: Path, start_process: StartProcess):
    fakehub.render(DATASET, tmp_path)
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.fakehub", "--pages", str(tmp_path), "--port", str(port)]
    start_process(command, ready="ready")
    origin = f"http://127.0.0.1:{port}"
    client = HubClient(origin, gen.TOKEN, MemoryBudgetStore())
    repo = DATASET.repositories[0]

    assert judge_token(client.whoami(), repo.namespace).can_write
    names = [info.id for page in client.list_repos("models", gen.SOLO) for info in page.rows]
    assert names == [known.name for known in DATASET.repositories if known.namespace == gen.SOLO]
    card = client.card("models", repo.name, repo.sha)
    assert card is not None
    assert card.text == gen.CARD

    lists = {status: _ids(client, repo.name, status) for status in REQUEST_STATUSES}
    assert {status: len(ids) for status, ids in lists.items()} == {
        status: sum(DATASET.status(repo, place) == status for place in range(repo.rows)) for status in gen.STATUSES
    }

    site.begin_journal(origin)
    first, second, third = lists["pending"][:3]
    results = client.batch(
        "models", repo.name, [RequestTarget(user_id=first), RequestTarget(user_id=second)], "accepted"
    )
    assert [result.ok for result in results] == [True, True]
    client.handle("models", repo.name, RequestTarget(user_id=third), "rejected", reason="No.")
    assert _ids(client, repo.name, "pending") == lists["pending"][3:]
    assert {first, second} <= set(_ids(client, repo.name, "accepted"))
    noted = site.journal(origin)
    assert noted["calls"] == {"batch": 1, "handle": 1, "list pending": 1, "list accepted": 1}
    assert [(who, status) for _, who, status in noted["decided"]] == [
        (first, "accepted"),
        (second, "accepted"),
        (third, "rejected"),
    ]


def _ids(client: HubClient, name: str, status: str) -> list[str]:
    pages = client.access_requests("models", name, status)  # type: ignore[arg-type]
    return [str(row.user_id) for page in pages for row in page.rows]


def test_the_rendered_pages_are_those_of_the_data_set(tmp_path: Path):
    fakehub.render(DATASET, tmp_path)
    index = orjson.loads((tmp_path / "index.json").read_bytes())
    assert [repo["name"] for repo in index["repos"]] == [repo.name for repo in DATASET.repositories]
    start, length = index["repos"][0]["lists"]["pending"][0]
    body = (tmp_path / "pages.bin").read_bytes()[start : start + length]
    assert body == next(pages[0] for status, pages in DATASET.pages(DATASET.repositories[0]) if status == "pending")
