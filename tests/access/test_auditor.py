"""What an auditor reads, and what is hidden from them wherever it could be read or guessed at."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from access import actions as access
from access import queries
from access.models import AccessRequest
from access.queries import Filter
from hubgate.accounts import actions as accounts
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from repos import actions as repos
from repos.models import Repository
from tests import factories

pytestmark = pytest.mark.django_db
CANARIES = ("canary-mail", "canary.example", "canary answer", "canary note")


@pytest.fixture
def auditor(db: None) -> User:
    """An auditor of aurora-lab, where a request holds personal data, and another of the same institution was decided
    with a reason."""
    author = factories.make_author("aurora-lab", "mara")
    repository = factories.make_repository(
        "aurora-lab/tiny-gated", card=factories.form_card({"Purpose": "text", "Country": "country"})
    )
    facts = {"answers": {"Purpose": "canary answer", "Country": "KE"}}
    asked = factories.ask(repository, "jordan", name="Jordan Lee", email="canary-mail@canary.example", **facts)
    other = factories.ask(repository, "kim", name="Kim Park", email="kim@canary.example", **facts)
    factories.decide(author, other, "reject", "The purpose is not named.")
    access.add_note(actor=factories.actor(author), request_id=asked.pk, text="canary note")
    user = User.objects.create_user("auditor")
    repos.give_role(actor=factories.actor(author), namespace="aurora-lab", username="auditor", role="auditor")
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked() -> AccessRequest:
    return AccessRequest.objects.get(person__username="jordan")


def test_an_auditor_reads_who_asked_and_what_was_decided_and_no_personal_data(auditor: User):
    client = signed_in(auditor)
    rejected = AccessRequest.objects.get(person__username="kim")
    for path in (
        "/inbox/?status=all",
        f"/requests/{asked().pk}/",
        f"/requests/{rejected.pk}/",
        f"/repositories/{asked().repository_id}/",
        f"/repositories/{asked().repository_id}/history/",
        f"/repositories/{asked().repository_id}/statistics/",
        "/namespaces/aurora-lab/statistics/",
        "/drift/",
        "/undelivered/",
        "/notices/",
    ):
        for headers in ({}, {"HX-Request": "true", "HX-Target": "hg-panel"}, {"Purpose": "prefetch"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, path
            assert not [word for word in CANARIES if word in answer.content.decode()], path
    page = client.get(f"/requests/{rejected.pk}/").content.decode()
    assert "The purpose is not named." in page
    assert "Kim Park" in page
    assert "Hidden" in page
    assert "Kenya" not in page
    for offered in ("hg-do-", "Add note", "Assign to me", "hg-bulk"):
        assert offered not in page


def test_a_file_says_hidden(auditor: User):
    client = signed_in(auditor)
    answer = client.post("/inbox/export/?status=all", {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode().removeprefix("\ufeff"))))
    assert {row["username"] for row in rows} == {"jordan", "kim"}
    for row in rows:
        assert (row["email"], row["country"], row["answer: Purpose"]) == ("hidden",) * 3
    lines = b"".join(client.post("/inbox/export/?status=all", {"format": "jsonl"})).decode()
    assert "canary" not in lines


@pytest.mark.parametrize("query", ["domain=canary.example", "mail=institutional", "country=KE"])
def test_a_filter_over_what_is_hidden_is_refused_in_words(auditor: User, query: str):
    client = signed_in(auditor)
    for answer in (client.get(f"/inbox/?{query}"), client.post(f"/inbox/export/?{query}", {"format": "csv"})):
        assert answer.status_code == 403
        assert "hidden from auditors" in answer.content.decode()
    _, secret = accounts.make_token(actor=factories.actor(auditor), name="script", wanted=["read", "personal"], days=1)
    script = Client(headers={"authorization": f"Bearer {secret}"})
    for path in ("requests", "requests/counts"):
        told = script.get(f"/api/v1/{path}?{query}")
        assert (told.status_code, told.json()["code"]) == (403, "hidden_from_auditors")
    listed = script.get("/api/v1/requests").json()["results"]
    assert [row["first_answer"] for row in listed] == [None]
    one = script.get(f"/api/v1/requests/{asked().pk}").json()
    assert (one["email"], one["answers"], one["can"]) == (None, None, [])


@pytest.mark.parametrize(
    ("words", "found"),
    [("canary", 0), ("canary answer", 0), ("jordan", 1), ("Kim", 1), ("park", 0), ("tiny-gated", 2)],
)
def test_words_are_looked_for_in_names_only(auditor: User, words: str, found: int):
    assert queries.matching(factories.actor(auditor), Filter(status="", text=words)).count() == found


def test_facets_tell_no_domain_and_no_country(auditor: User):
    seen = queries.facets(factories.actor(auditor))
    assert (seen.domains, seen.countries) == ([], [])


def test_somebody_who_decides_elsewhere_finds_by_domain_only_what_is_theirs_to_read(auditor: User):
    """A filter over both finds nothing in the audited namespace: neither in lists, counts, nor what stands beside."""
    factories.make_member(auditor, "meridian")
    factories.make_author("meridian", "ines")
    mine = factories.ask(factories.make_repository("meridian/own"), "lena", email="lena@canary.example")
    actor = factories.actor(User.objects.get(pk=auditor.pk))
    wanted = Filter(status="", domains=("canary.example",))
    assert list(queries.matching(actor, wanted)) == [mine]
    queries.require_open(actor, wanted)
    with pytest.raises(NotAllowedError):
        queries.require_open(actor, Filter(domains=("canary.example",), repositories=(asked().repository_id,)))
    assert list(queries.matching(actor, Filter(status="", text="canary"))) == [mine]
    detail = queries.detail(actor, mine.pk)
    assert detail.same_domain == {}
    assert queries.beside(actor, detail.request).same_organisation == []
    assert {name for name, _ in queries.facets(actor).domains} == {"canary.example"}
    assert dict(queries.facets(actor).domains)["canary.example"] == 1


def test_an_auditor_decides_nothing_in_sets_either(auditor: User):
    from uuid import uuid4

    actor: Actor = factories.actor(auditor)
    bulk = access.prepare_bulk(actor=actor, key=uuid4(), verb="accept", request_ids=[asked().pk])
    assert queries.plan_of_bulk(actor, bulk).will == 0
    access.start_bulk(actor=actor, key=bulk.key)
    access.carry_out_bulk(bulk_id=bulk.pk)
    assert asked().status == "pending"


def test_the_overview_offers_nothing_that_an_auditor_may_not_do(auditor: User):
    repository = Repository.objects.get(name="aurora-lab/tiny-gated")
    text = signed_in(auditor).get(f"/repositories/{repository.pk}/").text
    assert f'href="/repositories/{repository.pk}/tag/">History</a>' in text
    assert "or set it" not in text
    author = signed_in(User.objects.get(username="mara"))
    assert "History, or set it" in author.get(f"/repositories/{repository.pk}/").text
