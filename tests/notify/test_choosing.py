"""The pages on which people choose how they are told, see why, and try it out."""

from __future__ import annotations

import pytest
from django.test import Client

from hubgate.accounts.models import User
from hubgate.notify import actions, catalogue, queries
from hubgate.notify.models import Choice, Delivery, Notification, Reader
from tests import factories


@pytest.fixture
def author(db) -> User:
    return factories.make_author()


@pytest.fixture
def as_author(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


def chosen(**other: str) -> dict[str, str]:
    topics = {f"topic_{topic.key}": "at_once" for topic in catalogue.topics()}
    return {**topics, "zone": "europe/berlin", "daily_hour": "7", **other}


def test_a_choice_is_kept_and_said_in_a_sentence(author, as_author):
    page = as_author.get("/notices/settings/").text
    assert "One mail each day at 8:00, UTC, if anything came in." in page
    assert "zone.js" in page
    assert as_author.post("/notices/settings/", chosen(topic_requests="daily")).status_code == 302
    page = as_author.get("/notices/settings/").text
    assert "One mail each day at 7:00, Europe/Berlin, if anything came in." in page
    assert "zone.js" not in page
    assert Choice.objects.get(topic="requests").pace == "daily"
    assert queries.preferences_of([author.pk])[author.pk].zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "Mars/Olympus"}, "hubgate does not know this zone"),
        ({"zone": ""}, "Say in which zone"),
        ({"daily_hour": "24"}, "Select a valid choice"),
        ({"topic_requests": "never"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(as_author, wrong, said):
    response = as_author.post("/notices/settings/", chosen(**wrong))
    assert response.status_code == 422
    assert said in response.text
    assert not Reader.objects.exists()
    assert not Choice.objects.exists()


def test_an_exception_is_added_by_name_and_removed(author, as_author):
    repository = factories.make_repository()
    other = factories.make_author("meridian", "ines")
    theirs = factories.make_repository("meridian/tiny-gated-too")
    asked = as_author.post("/notices/settings/exceptions/", {"place": "tiny", "topic": "all", "pace": "daily"})
    assert asked.status_code == 422
    assert "has exactly this name" in asked.text
    assert 'href="/notices/settings/?for=aurora-lab%2Ftiny-gated#exceptions"' in asked.text
    assert "meridian" not in asked.text
    data = {"place": theirs.name, "topic": "all", "pace": "daily"}
    assert "has this name" in as_author.post("/notices/settings/exceptions/", data).text
    data["place"] = "Aurora-Lab/Tiny-Gated"
    assert as_author.post("/notices/settings/exceptions/", data).status_code == 302
    choice = Choice.objects.get()
    assert (choice.user, choice.scope, choice.topic) == (author, f"repository:{repository.pk}", "")
    assert "Remove<span" in as_author.get("/notices/settings/").text
    stranger = Client()
    stranger.force_login(other)
    assert stranger.post(f"/notices/settings/exceptions/{choice.pk}/remove/").status_code == 404
    assert as_author.post(f"/notices/settings/exceptions/{choice.pk}/remove/").status_code == 302
    assert not Choice.objects.exists()


def test_each_kind_is_shown_and_sent_as_a_test_once_a_minute(author, as_author):
    page = as_author.get("/notices/previews/").text
    for title in ("You have access to aurora-lab/tiny-gated", "Riley Park asks for", "12 new requests"):
        assert title in page
    for _ in range(2):
        assert as_author.post("/notices/test/", {"kind": "digest"}).status_code == 302
    assert 1 <= Delivery.objects.count() <= 2  # a minute may end between the two
    assert {mail.address for mail in Delivery.objects.all()} == {author.email}
    assert "Test: 12 tokens that need you, 12 new requests" in as_author.get("/notices/").text
    assert as_author.post("/notices/test/", {"kind": "nothing"}).status_code == 400


def test_notices_are_filtered_by_topic_and_read_one_by_one(author, as_author):
    request = factories.ask(factories.make_repository(), "kim")
    to = (actions.Recipient(user_id=author.pk, address=author.email),)
    data = {
        "person": "Kim",
        "username": "kim",
        "repository": "a/b",
        "sentence": "No.",
        "status": "accepted",
        "link": "",
    }
    for kind in ("access.new-request", "access.push-refused", "access.let-in"):
        actions.send([actions.Notice(kind, "request", request.pk, "x", to, data)])
    page = as_author.get("/notices/?topic=requests").text
    assert "Kim asks for a/b" in page
    assert "did not take" not in page.partition('<ol class="hg-told')[2]
    assert "It waits for your next digest." in page
    mine = Notification.objects.get(kind="access.new-request")
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    stranger.post(f"/notices/{mine.pk}/read/")
    mine.refresh_from_db()
    assert mine.read_at is None
    assert as_author.post(f"/notices/{mine.pk}/read/", {"topic": "requests"}).headers["Location"] == (
        f"/notices/?topic=requests#n{mine.pk}"
    )
    assert queries.count_new(factories.actor(author)) == 1
    as_author.post("/notices/read/", {"topic": "refused"})
    assert queries.count_new(factories.actor(author)) == 0


def test_a_repository_says_who_is_told_and_why_somebody_is_not(author, as_author):
    repository = factories.make_repository()
    silent = factories.make_author(username="noor", name="Noor Silent")
    User.objects.filter(pk=silent.pk).update(email="")
    as_author.post(
        "/notices/settings/exceptions/", {"place": repository.name, "topic": "requests", "pace": "in_hubgate"}
    )
    page = as_author.get(f"/repositories/{repository.pk}/").text
    assert "No mail, only under Notices. You chose it for this repository." in page
    assert "No mail: the account has no mail address." in page
    assert author.email not in page
