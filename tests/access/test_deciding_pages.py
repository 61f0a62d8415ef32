"""Decisions through the pages: what each says, refuses, and leaves alone."""

from __future__ import annotations

import json

import pytest

from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.notify.models import Delivery, Notification
from tests import factories

PANEL = {"HX-Request": "true", "HX-Target": "hg-panel"}
DIALOG = {"HX-Request": "true", "HX-Target": "hg-dialog-body"}
LONG = "Please write from your university's address. 🙂 " * 6


def html(response) -> str:
    return response.content.decode()


def status(request: AccessRequest) -> str:
    return AccessRequest.objects.get(pk=request.pk).status


@pytest.fixture
def three(repository):
    """Three requests, newest first in the list: cem, ben, ana."""
    return [factories.ask(repository, name, name=name.title()) for name in ("ana", "ben", "cem")][::-1]


def test_accepting_goes_on_to_the_next(signed_in, three):
    response = signed_in.post(f"/requests/{three[0].pk}/accept/?status=all", {"seen_status": "pending"})
    assert response.status_code == 302
    assert response["Location"] == f"/requests/{three[1].pk}/?status=all"
    assert status(three[0]) == "accepted"
    page = html(signed_in.get(response["Location"]))
    assert "Accepted. Cem gets access on the Hub next" in page
    assert "not on the Hub yet" in page


def test_the_last_of_a_list_goes_back_up_and_then_to_the_empty_list(signed_in, three):
    for request, following in ((three[2], three[1]), (three[1], three[0])):
        response = signed_in.post(f"/requests/{request.pk}/accept/", {"seen_status": "pending"})
        assert response["Location"] == f"/requests/{following.pk}/"
    response = signed_in.post(f"/requests/{three[0].pk}/accept/", {"seen_status": "pending"}, headers=PANEL)
    assert (response.status_code, response["HX-Redirect"]) == (204, "/inbox/")
    page = html(signed_in.get("/inbox/"))
    assert "Nothing is waiting" in page
    assert "Accepted. Cem" in page


def test_htmx_gets_the_next_panel_and_the_list_as_it_is_now(signed_in, three):
    response = signed_in.post(f"/requests/{three[0].pk}/accept/", {"seen_status": "pending"}, headers=PANEL)
    part = html(response)
    assert response["HX-Retarget"] == "#hg-panel"
    assert response["HX-Replace-Url"] == f"/requests/{three[1].pk}/"
    assert json.loads(response["HX-Trigger"])["announce"].startswith("Accepted. Cem")
    assert response["HX-Trigger-After-Settle"] == "move-focus"
    assert 'aria-label="Request of Ben"' in part
    assert "2 waiting" in part
    assert f'id="row-{three[0].pk}"' not in part
    assert f'id="row-{three[1].pk}" class="hg-row" data-item="Ben" aria-current="true"' in part
    assert "Accepted. Cem" in part
    assert "<html" not in part


def test_a_double_click_is_quiet(signed_in, three):
    for _ in range(2):
        response = signed_in.post(f"/requests/{three[0].pk}/accept/", {"seen_status": "pending"})
        assert response["Location"] == f"/requests/{three[1].pk}/"
    assert AuditEvent.objects.filter(event="access.request.accepted").count() == 1
    assert Notification.objects.filter(kind="access.accepted").count() == 1


@pytest.mark.parametrize("headers", [{}, PANEL])
@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("accept/", {"seen_status": "pending"}),
        ("reject/", {"seen_status": "pending", "reason": "No group given."}),
    ],
)
def test_who_decided_meanwhile_and_when(signed_in, three, path, data, headers):
    other = factories.make_author(username="noor", name="Noor Haddad")
    factories.decide(other, three[0], "reset", "Say more, please.")
    response = signed_in.post(f"/requests/{three[0].pk}/{path}", data, headers=headers)
    assert response.status_code == 409
    page = html(response)
    assert "This request is reset now: Noor Haddad decided just now." in page
    assert "Say more, please." in page
    assert ("<html" in page) is not bool(headers)
    assert status(three[0]) == "reset"
    if headers and path == "reject/":
        assert "close-dialog" in response["HX-Trigger"]


def test_a_rejection_keeps_the_whole_reason(signed_in, three):
    response = signed_in.post(f"/requests/{three[0].pk}/reject/", {"seen_status": "pending", "reason": LONG})
    assert response["Location"] == f"/requests/{three[1].pk}/"
    assert AccessRequest.objects.get(pk=three[0].pk).reason == LONG.strip()
    page = html(signed_in.get(f"/requests/{three[0].pk}/"))
    assert page.count("Please write from your university&#x27;s address.") >= 12
    assert "Rejected by <bdi>Mara Keller</bdi>" in page


@pytest.mark.parametrize("verb", ["reject", "reset"])
def test_without_a_reason_nothing_is_done_and_nothing_typed_is_lost(signed_in, three, verb):
    for reason in ("", "   \n ", "x" * 10_001):
        data = {"seen_status": "pending", "reason": reason}
        response = signed_in.post(f"/requests/{three[0].pk}/{verb}/", data, headers=DIALOG)
        assert response.status_code == 422
        sentence = "Shorten the reason: it has 10,001 characters" if reason.strip() else "Give a reason: the person"
        assert sentence in html(response)
        assert reason in html(response)
    assert status(three[0]) == "pending"


def test_the_short_form_is_shown_before_sending(signed_in, three):
    url = f"/requests/{three[0].pk}/reject/"
    data = {"seen_status": "pending", "reason": LONG, "preview": "1"}
    page = html(signed_in.post(url, data))
    assert "287 of 200 characters" in page
    assert "it gets this short form" in page
    assert LONG.strip().replace("'", "&#x27;") in page
    part = html(signed_in.post(url, data, headers={"HX-Request": "true", "HX-Target": "reason-preview"}))
    assert "287 of 200 characters" in part
    assert "<form" not in part
    assert status(three[0]) == "pending"


@pytest.mark.parametrize("path", ["accept", "put-back", "retry", "reject", "reset"])
def test_looking_changes_nothing(signed_in, client, three, path):
    url = f"/requests/{three[0].pk}/{path}/"
    allowed = path in ("reject", "reset")
    events = AuditEvent.objects.count()
    for method in (signed_in.get, signed_in.head):
        assert method(url).status_code == (200 if allowed else 405)
    assert status(three[0]) == "pending"
    assert AuditEvent.objects.count() == events


def test_a_post_needs_its_token(author, three):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(author)
    for path in ("accept", "put-back", "retry", "reject", "reset"):
        response = strict.post(f"/requests/{three[0].pk}/{path}/", {"seen_status": "pending", "reason": "no"})
        assert response.status_code == 403
    assert status(three[0]) == "pending"


def test_the_way_there_and_back(signed_in, three):
    url = f"/requests/{three[0].pk}"
    steps = [
        ("accept", "pending", "accepted"),
        ("put-back", "accepted", "pending"),
        ("reject", "pending", "rejected"),
        ("reset", "rejected", "reset"),
        ("accept", "reset", "accepted"),
    ]
    for path, seen, after in steps:
        signed_in.post(f"{url}/{path}/", {"seen_status": seen, "reason": "Because."})
        assert status(three[0]) == after
        page = html(signed_in.get(f"{url}/"))
        assert f'name="seen_status" value="{after}"' in page or f"seen={after}" in page


def test_a_decision_that_does_not_apply_opens_no_dialog(signed_in, author, three):
    factories.decide(author, three[0], "reject", "No.")
    response = signed_in.get(f"/requests/{three[0].pk}/reject/", headers=DIALOG)
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#hg-dialog-body"
    assert "This request is rejected: that decision does not apply to it." in html(response)


def test_a_page_that_does_not_say_what_was_seen_decides_nothing(signed_in, three):
    for data in ({}, {"seen_status": "frozen"}):
        response = signed_in.post(f"/requests/{three[0].pk}/accept/", data)
        assert response.status_code == 400
        assert "Load it anew and decide again." in html(response)
    assert status(three[0]) == "pending"


def test_where_the_hub_stands_is_told_honestly(signed_in, author, three):
    from access import actions, states
    from hubgate.outbox.models import OutboxItem

    request = factories.decide(author, three[0], "accept")
    assert "Accepted here, not yet on the Hub." in html(signed_in.get(f"/requests/{request.pk}/"))
    push = OutboxItem.objects.get(kind=states.PUSH, key=str(request.pk))
    push.parked_at, push.last_error = request.decided_at, "The token may not do that."
    push.save()
    page = html(signed_in.get(f"/requests/{request.pk}/"))
    assert "The Hub did not take it." in page
    assert "The token may not do that." in page
    assert "refused by the Hub" in html(signed_in.get("/inbox/?status=accepted"))
    response = signed_in.post(f"/requests/{request.pk}/retry/", follow=True)
    assert "The Hub is told again now." in html(response)
    assert OutboxItem.objects.get(pk=push.pk).parked_at is None
    actions.record_pushed(request_ids=[request.pk], hub_status="accepted", pushed_at=request.decided_at)
    assert "In step." in html(signed_in.get(f"/requests/{request.pk}/"))


@pytest.mark.parametrize(
    ("state", "error", "sentence"),
    [
        ("failed", "The mail server answered 550: no such user", "not delivered. The mail server answered 550"),
        ("unsure", "The mail server may have taken this mail; it is not sent again.", "perhaps delivered."),
        ("waiting", "", "on its way."),
    ],
)
def test_how_the_mail_fared(signed_in, author, three, state, error, sentence):
    request = factories.decide(author, three[0], "accept")
    Delivery.objects.filter(notification__subject_id=request.pk, notification__identity__isnull=False).update(
        state=state, error=error
    )
    assert f"E-mail to the requester: {sentence}" in html(signed_in.get(f"/requests/{request.pk}/"))


def test_letting_somebody_in(signed_in, author, repository):
    url = f"/repositories/{repository.pk}/grant/"
    assert "without having asked" in html(signed_in.get(url))
    for name in ("", "not a name!", "x" * 300):
        response = signed_in.post(url, {"username": name})
        assert response.status_code == 422
        assert name in html(response)
    response = signed_in.post(url, {"username": "@newcomer"})
    granted = AccessRequest.objects.get()
    assert response["Location"] == f"/requests/{granted.pk}/"
    page = html(signed_in.get(response["Location"]))
    assert "Let in. newcomer gets access" in page
    assert "let in to" in page
    response = signed_in.post(url, {"username": "newcomer"}, headers=DIALOG)
    assert response.status_code == 409
    assert f'href="/requests/{granted.pk}/"' in html(response)


def test_another_author_lets_nobody_in(client, repository):
    client.force_login(factories.make_author("other-lab", "noor", name="Noor Haddad"))
    for method in (client.get, client.post):
        assert method(f"/repositories/{repository.pk}/grant/", {"username": "x"}).status_code == 404
    assert not AccessRequest.objects.exists()
