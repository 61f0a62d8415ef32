"""Bulk decisions in the pages: the same with and without scripts, for there is a form behind every button."""

from __future__ import annotations

import re

import pytest

from access import actions
from access.models import AccessRequest, BulkDecision
from hubgate.outbox import worker
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
PARTIAL = {"HTTP_HX_REQUEST": "true"}


def ask_many(repository, number: int) -> list[AccessRequest]:
    rows = [factories.row(f"person-{place}", email=f"p{place}@northlake.edu") for place in range(number)]
    return sorted(factories.record(repository, *rows), key=lambda request: request.pk)


def choose(client, **data):
    response = client.post("/bulk/", data)
    assert response.status_code == 302, response.content.decode()
    return response["location"]


def words(response) -> str:
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(text.split())


def test_ticked_requests_are_shown_confirmed_and_decided(signed_in, repository):
    requests = ask_many(repository, 3)
    page = signed_in.get("/inbox/").content.decode()
    assert all(f'name="request" value="{request.pk}" form="hg-bulk"' in page for request in requests)

    url = choose(signed_in, verb="accept", request=[requests[0].pk, requests[2].pk])
    preview = signed_in.get(url)
    assert "Accept 2 requests" in words(preview)
    assert "2 people get access on the Hub and are told." in words(preview)
    assert set(AccessRequest.objects.values_list("status", flat=True)) == {"pending"}

    assert signed_in.post(f"{url}start/")["location"] == url
    assert "Waiting for a worker" in words(signed_in.get(url))
    assert signed_in.post(f"{url}start/")["location"] == url
    worker.drain("access.bulk")
    page = words(signed_in.get(url))
    assert "2 requests accepted. The Hub is being told" in page
    assert "Accepted, not on the Hub yet" in page
    assert [request.status for request in AccessRequest.objects.order_by("pk")] == ["accepted", "pending", "accepted"]
    assert "Accept 2 requests" in words(signed_in.get("/bulk/"))


def test_all_of_a_list_is_what_its_filter_lets_through(signed_in, repository):
    ask_many(repository, 45)
    factories.ask(factories.make_repository("aurora-lab/other"), "kim")
    url = choose(signed_in, verb="accept", all="1", query=f"?repository={repository.pk}")
    assert "Accept 45 requests" in words(signed_in.get(url))
    assert BulkDecision.objects.get().query == f"?repository={repository.pk}"


def test_a_rejection_asks_for_the_reason_and_shows_what_the_hub_gets(signed_in, author, repository):
    first, *_ = ask_many(repository, 2)
    factories.decide(author, first, "accept")
    url = choose(signed_in, verb="reject", all="1", query="?status=all")
    assert "1 person loses access." in words(signed_in.get(url))
    refused = signed_in.post(f"{url}start/", {"reason": " "})
    assert refused.status_code == 422
    assert "Give a reason" in words(refused)
    long = "This model is for people who work on it. " * 8
    shown = signed_in.post(f"{url}start/", {"reason": long, "preview": "1"})
    assert "it gets this short form" in words(shown)
    assert BulkDecision.objects.get().state == "preview"
    signed_in.post(f"{url}start/", {"reason": long})
    worker.drain("access.bulk")
    assert set(AccessRequest.objects.values_list("status", "reason")) == {("rejected", long.strip())}


def test_who_cannot_be_decided_is_told_before_and_after(signed_in, author, repository):
    first, *_ = ask_many(repository, 3)
    url = choose(signed_in, verb="accept", all="1")
    factories.decide(author, first, "reject", "No.")
    assert "1 was decided meanwhile and is rejected now" in words(signed_in.get(url))
    signed_in.post(f"{url}start/")
    worker.drain("access.bulk")
    page = words(signed_in.get(url))
    assert "1 request left alone, see why below." in page
    assert page.index("It is rejected now: Mara Keller decided") < page.index("Accepted, not on the Hub yet")
    only = words(signed_in.get(url + "?outcome=refused"))
    assert "It is rejected now" in only
    assert "not on the Hub yet" not in only
    assert signed_in.get(url + "?outcome=odd").status_code == 400
    assert signed_in.get(url + "?page=99").status_code == 200


def test_cancelling_puts_back_and_says_what_stays(signed_in, repository):
    ask_many(repository, 2)
    url = choose(signed_in, verb="accept", all="1")
    signed_in.post(f"{url}start/")
    worker.drain("access.bulk")
    page = signed_in.post(f"{url}cancel/", follow=True)
    assert "Cancelled. None of it has reached the Hub." in words(page)
    assert set(AccessRequest.objects.values_list("status", flat=True)) == {"pending"}
    assert "Nothing of it can be stopped any more" in words(signed_in.post(f"{url}cancel/", follow=True))


def test_results_come_with_the_poll_only_when_there_are_new_ones(signed_in, repository):
    ask_many(repository, 1)
    url = choose(signed_in, verb="accept", all="1")
    signed_in.post(f"{url}start/")
    still = signed_in.get(url + "?phase=waiting", **PARTIAL)
    assert "hg-bulk-results" not in still.content.decode()
    worker.drain("access.bulk")
    changed = signed_in.get(url + "?phase=waiting", **PARTIAL)
    assert 'id="hg-bulk-results"' in changed.content.decode()
    assert "1 request accepted" in changed["HX-Trigger"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"verb": "accept"}, "Choose at least one request"),
        ({"verb": "burn", "all": "1"}, "accept, reject, reset or put back"),
        ({"verb": "accept", "request": ["x"]}, "is not a number"),
        ({"verb": "accept", "all": "1", "query": "?status=odd"}, "There is no status"),
        ({"verb": "accept", "request": ["999999"]}, "No request matches any more"),
    ],
)
def test_a_choice_that_is_none_is_refused_in_words(signed_in, repository, data, said):
    ask_many(repository, 1)
    response = signed_in.post("/bulk/", data)
    assert response.status_code == 400
    assert said in words(response)
    assert not BulkDecision.objects.exists()


def test_those_who_wait_behind_a_gate_that_became_automatic_can_be_accepted_in_one_go(signed_in, repository):
    """Field report 25."""
    ask_many(repository, 2)
    gate = factories.make_repository(gated="auto")
    assert gate.pk == repository.pk
    for page in (f"/repositories/{repository.pk}/", f"/inbox/?repository={repository.pk}"):
        shown = signed_in.get(page)
        assert "2 requests still wait" in words(shown)
        assert "Accept them in one go" in words(shown)
    url = choose(signed_in, verb="accept", all="1", query=f"?repository={repository.pk}")
    assert "Accept 2 requests" in words(signed_in.get(url))


def test_a_list_of_withdrawn_requests_offers_nothing_to_choose(signed_in, repository):
    ask_many(repository, 1)
    AccessRequest.objects.update(status="withdrawn")
    assert b"hg-bulkbar" not in signed_in.get("/inbox/?status=withdrawn").content


def test_the_number_of_queries_does_not_grow(signed_in, author, repository, django_assert_max_num_queries):
    ask_many(repository, 90)
    bulk = BulkDecision.objects.get(key=choose(signed_in, verb="accept", all="1").split("/")[2])
    with django_assert_max_num_queries(20):
        signed_in.get(f"/bulk/{bulk.key}/")
    actions.start_bulk(actor=factories.actor(author), key=bulk.key)
    worker.drain("access.bulk")
    with django_assert_max_num_queries(20):
        signed_in.get(f"/bulk/{bulk.key}/")
