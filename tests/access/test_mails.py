"""What the mails say, and that what people wrote stays what it was."""

from __future__ import annotations

import pytest
from django.utils import timezone

from access.models import AccessRequest
from hubgate.notify import catalogue
from hubgate.notify.models import Notification
from tests import factories

HOSTILE = "<b>{{ 7|add:7 }}</b> {% now 'Y' %} & {0} {repository.__class__}"


def mail(kind: str) -> catalogue.Rendered:
    notification = Notification.objects.filter(kind=kind).latest("id")
    return catalogue.render(notification.kind, notification.data)


def test_an_acceptance_says_how_to_use_it(author, repository, settings):
    factories.decide(author, factories.ask(repository, name="Riley Park"), "accept")
    sent = mail("access.accepted")
    assert sent.title == "You have access to aurora-lab/tiny-gated"
    assert "Hello Riley Park," in sent.body
    assert f"{settings.HUB_URL}/aurora-lab/tiny-gated" in sent.body
    assert "\n   hf download aurora-lab/tiny-gated\n" in sent.body
    assert f"{settings.HUB_URL}/settings/tokens" in sent.body
    assert "Read access to contents of all public gated repos you can access" in sent.body
    assert sent.body.endswith("You get this because you asked for access to aurora-lab/tiny-gated.\n")
    assert "private" not in sent.body


def test_a_dataset_is_downloaded_as_one(author):
    data = factories.make_repository("aurora-lab/street-scenes", kind="datasets", private=True)
    factories.decide(author, factories.ask(data), "accept")
    body = mail("access.accepted").body
    assert "hf download aurora-lab/street-scenes --repo-type dataset" in body
    assert "/datasets/aurora-lab/street-scenes" in body
    assert "private at the moment" in body


@pytest.mark.parametrize(
    ("verb", "kind", "next_step"),
    [
        ("reject", "access.rejected", "/aurora-lab/tiny-gated/discussions"),
        ("reset", "access.reset", "fill in the form once more"),
    ],
)
def test_a_refusal_gives_the_reason_in_full_and_the_next_step(author, repository, verb, kind, next_step):
    reason = "Please write from your institution's address.\n\n" * 20 + HOSTILE
    factories.decide(author, factories.ask(repository, name=HOSTILE), verb, reason)
    sent = mail(kind)
    assert reason in sent.body
    assert f"Hello {HOSTILE}," in sent.body
    assert next_step in sent.body


def test_putting_back_says_that_access_is_gone_for_now(author, repository):
    request = factories.ask(repository)
    factories.decide(author, request, "accept")
    factories.decide(author, request, "put_back")
    body = mail("access.pending").body
    assert "Until it is decided you have no access" in body
    assert "You need not do anything" in body


def test_reviewers_learn_of_a_new_request_by_a_link_that_decides_nothing(author, repository, client, settings):
    request = factories.ask(
        repository, "hint", name=HOSTILE, answers={"Affiliation": "secret answer"}, asked_at=timezone.now()
    )
    sent = mail("access.new-request")
    assert HOSTILE in sent.body
    assert "secret answer" not in sent.body
    assert "hint@" not in sent.body
    link = f"{settings.PUBLIC_URL}/requests/{request.pk}/"
    assert f"\n{link}\n" in sent.body
    client.force_login(author)
    for method in (client.get, client.head):
        assert method(link.removeprefix(settings.PUBLIC_URL)).status_code == 200
    assert AccessRequest.objects.get().status == "pending"


def test_a_refused_push_says_what_the_hub_said(author, repository):
    from access import actions

    request = factories.decide(author, factories.ask(repository), "accept")
    actions.record_refused(sentences={request.pk: "The token may not do that. Store another one."})
    sent = mail("access.push-refused")
    assert "The token may not do that. Store another one." in sent.body
    assert "it is accepted in hubgate, and not on the Hub" in sent.body
    assert f"/requests/{request.pk}/" in sent.body
