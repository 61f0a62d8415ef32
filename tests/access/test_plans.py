"""How PostgreSQL finds what an inbox shows: by which index, and never by reading the table through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from access import queries
from access.queries import Filter, lists
from hubgate.accounts.models import HubIdentity
from tests import factories

REPOSITORIES = 40
ROWS = 20_000
LOAD = """
INSERT INTO access_accessrequest (repository_id, person_id, status, via, asked_at, email, email_domain, email_kind,
  answers, search_text, country, organisations, hub_status, hub_digest, missing_walks, created_at, cause, reason,
  decided_by_label)
SELECT (%(repositories)s::bigint[])[1 + i %% %(count)s], %(person)s + i / %(count)s,
  CASE WHEN i %% 7 = 0 THEN 'pending' ELSE 'accepted' END, 'hub', now() - make_interval(secs => i * 37), '',
  'lab-' || i %% 3000 || '.example', 'institutional', '{}',
  'person ' || md5(i::text) || ' of lab-' || i %% 3000 || '.example', CASE WHEN i %% 500 = 0 THEN 'KE' ELSE 'US' END,
  CASE WHEN i %% 50 = 0 THEN '|org ' || i %% 700 || '|' ELSE '' END, 'pending', '', 0, now(), '', '', ''
FROM generate_series(0, %(rows)s - 1) i
"""


@pytest.fixture
def actors(db) -> dict[str, Any]:
    """`wide` decides for all but one of forty repositories with 20,000 requests, `narrow` for that one."""
    if connection.vendor != "postgresql":
        pytest.skip("plans of PostgreSQL; SQLite has no planner to be led astray")
    wide, narrow = factories.make_author(), factories.make_author("small-lab", "noor", name="Noor Haddad")
    ids = [factories.make_repository(f"aurora-lab/model-{number}").pk for number in range(REPOSITORIES - 1)]
    ids.append(factories.make_repository("small-lab/model").pk)
    people = HubIdentity.objects.bulk_create(
        [HubIdentity(hub_id=f"h{number}", username=f"person-{number}") for number in range(ROWS // REPOSITORIES)]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            LOAD, {"repositories": ids, "count": REPOSITORIES, "person": min(one.pk for one in people), "rows": ROWS}
        )
        # As a vacuum leaves it: what was just added is otherwise read through before each search.
        cursor.execute("SELECT gin_clean_pending_list('request_search')")
        cursor.execute("ANALYZE access_accessrequest, accounts_hubidentity, repos_repository")
    return {"wide": factories.actor(wide), "narrow": factories.actor(narrow)}


def plan(rows: QuerySet[Any], kinds: dict[str, str] | None = None) -> tuple[set[str], set[str]]:
    """The indexes that a question walks, and the tables that it reads through; in `kinds` how each index is walked."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    indexes: set[str] = set()
    tables: set[str] = set()

    def walk(node: dict[str, Any]) -> None:
        if "Index Name" in node:
            indexes.add(node["Index Name"])
            if kinds is not None:
                kinds[node["Index Name"]] = node["Node Type"]
        elif node["Node Type"] == "Seq Scan":
            tables.add(node["Relation Name"])
        for child in node.get("Plans", []):
            walk(child)

    walk((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])
    return indexes, tables


def page(actor: Any, wanted: Filter, *, deep: bool = False) -> QuerySet[Any]:
    rows = queries.matching(actor, wanted).order_by("-asked_at", "-pk")
    if deep:
        middle = rows[rows.count() // 2]
        rows = rows.filter(lists.beyond(middle.asked_at, middle.pk, older=True))
    return rows[: queries.PAGE + 1]


@pytest.mark.parametrize(
    ("who", "wanted", "deep", "index"),
    [
        ("wide", Filter(), False, "request_waiting_anywhere"),
        ("wide", Filter(), True, "request_waiting_anywhere"),
        ("wide", Filter(status=""), False, "request_newest"),
        ("wide", Filter(status=""), True, "request_newest"),
        ("narrow", Filter(), False, "request_of_status"),
        ("narrow", Filter(status=""), True, "request_of_repository"),
        ("wide", Filter(countries=("KE",), status=""), False, "request_country"),
        ("wide", Filter(domains=("lab-17.example",), status=""), False, "request_domain"),
        ("wide", Filter(mail=("disposable",), status=""), False, "request_odd_mail"),
        ("wide", Filter(organisations=("Org 50",), status=""), False, "request_organisation"),
        ("wide", Filter(text="lab-1717.ex"), False, "request_search"),
        ("wide", Filter(text="lab-1717.ex", status=""), False, "request_search"),
        ("wide", Filter(text="zz", status=""), False, "hubidentity_username_start"),
    ],
)
def test_a_page_is_found_by_its_index(actors, who: str, wanted: Filter, deep: bool, index: str):
    indexes, tables = plan(page(actors[who], wanted, deep=deep))
    assert index in indexes
    assert tables == set()


@pytest.mark.parametrize("who", ["wide", "narrow"])
def test_a_capped_count_can_be_read_off_an_index_alone(actors, who: str):
    """Rows that were just loaded are not yet known to be visible to all, so that reading so few of them through may be
    cheaper: what is shown is that the index holds all that the count asks for."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    kinds: dict[str, str] = {}
    rows = queries.matching(actors[who], Filter()).order_by().values("pk")[: queries.COUNT_UP_TO + 1]
    indexes, tables = plan(rows, kinds)
    assert {kinds[index] for index in indexes & {"request_waiting_anywhere", "request_of_status"}} == {
        "Index Only Scan"
    }
    assert tables == set()
