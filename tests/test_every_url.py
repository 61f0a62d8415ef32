"""Every address as everybody: the table of who gets what. An address without a row fails, so that none is opened by
accident. Personal data of a request is looked for in everything that somebody without the right is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from access import actions as access
from access.release import StageFacts
from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.audit.models import AuditEvent
from hubgate.notify import actions as notify
from hubgate.notify import preferences
from hubgate.notify.models import Choice, Delivery, Notification
from hubgate.notify.places import Place
from hubgate.notify.rules import scope_of_repository
from hubgate.outbox.models import OutboxItem
from tagging import actions as tagging
from tagging.evaluations import Result
from tests import factories

ROLES = ("anonymous", "requester", "other author", "author", "operator")
SECRETS = ("canary@northlake.example", "canary answer", "canary note", "canary template")
OWN_ANSWER = SECRETS[1]  # which the requester may read again, too
TAG_SECRETS = ("canary evidence",)  # of the requester, who may read it again

IN, OK, NOT_FOUND, MOVED, BAD, NO_METHOD, UNFIT, CONFLICT = "sign in", 200, 404, 302, 400, 405, 422, 409

NEVER = (NO_METHOD,) * 5
NEVER_IN = (IN, *NEVER[1:])  # the sign-in is asked for first
SIGNED_IN = (IN, OK, OK, OK, OK)
ALL = (OK,) * 5
OWN = (IN, OK, NOT_FOUND, NOT_FOUND, NOT_FOUND)  # only whose request it is
OWN_MOVED = (IN, MOVED, NOT_FOUND, NOT_FOUND, NOT_FOUND)


def authors(status: int) -> tuple[int | str, ...]:
    """Only an author is answered; for everybody else signed in there is nothing there."""
    return (IN, NOT_FOUND, NOT_FOUND, status, NOT_FOUND)


# Route → what GET and what POST give to each role of ROLES in turn.
TABLE: dict[str, tuple[tuple[int | str, ...], tuple[int | str, ...]]] = {
    "/": ((MOVED,) * 5, (MOVED,) * 5),
    "/inbox/": (SIGNED_IN, NEVER),
    "/drift/": (SIGNED_IN, NEVER_IN),
    "/drift/settle/": (NEVER, (IN, 400, 400, 400, 400)),
    "/inbox/views/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/inbox/views/<int:pk>/rename/": (NEVER, authors(UNFIT)),
    "/inbox/views/<int:pk>/remove/": (NEVER, authors(MOVED)),
    "/inbox/export/": (NEVER, (IN, BAD, BAD, OK, BAD)),
    "/requests/<int:pk>/": (authors(OK), NEVER),
    "/requests/<int:pk>/accept/": (NEVER, authors(MOVED)),
    "/requests/<int:pk>/accept-until/": (authors(OK), authors(MOVED)),
    "/requests/<int:pk>/extend/": (authors(CONFLICT), authors(CONFLICT)),
    "/requests/<int:pk>/refuse-renewal/": (authors(CONFLICT), authors(CONFLICT)),
    "/my/access/": (SIGNED_IN, NEVER),
    "/my/access/<int:pk>/": (OWN, NEVER),
    "/my/access/<int:pk>/withdraw/": ((IN, OK, NOT_FOUND, NOT_FOUND, NOT_FOUND), OWN_MOVED),
    "/my/access/<int:pk>/renew/": (OWN_MOVED, (IN, CONFLICT, NOT_FOUND, NOT_FOUND, NOT_FOUND)),
    "/requests/<int:pk>/put-back/": (NEVER, authors(CONFLICT)),
    "/requests/<int:pk>/reject/": (authors(OK), authors(UNFIT)),
    "/requests/<int:pk>/reset/": (authors(OK), authors(UNFIT)),
    "/requests/<int:pk>/undo/": (NEVER, authors(CONFLICT)),
    "/requests/<int:pk>/retry/": (NEVER, authors(CONFLICT)),
    "/requests/<int:pk>/notes/": (authors(OK), authors(UNFIT)),
    "/requests/<int:pk>/notes/<int:note_id>/remove/": (NEVER_IN, (IN, NOT_FOUND, NOT_FOUND, MOVED, NOT_FOUND)),
    "/requests/<int:pk>/assign/": (NEVER, authors(MOVED)),
    "/requests/<int:pk>/presence/": (NEVER, authors(OK)),
    "/namespaces/<str:name>/reasons/": (authors(OK), authors(UNFIT)),
    "/namespaces/<str:name>/reasons/<int:template_id>/": (authors(OK), authors(UNFIT)),
    "/namespaces/<str:name>/reasons/<int:template_id>/remove/": (NEVER_IN, authors(MOVED)),
    "/bulk/": (SIGNED_IN, (IN, BAD, BAD, BAD, BAD)),
    "/bulk/<uuid:key>/": (authors(OK), NEVER),
    "/bulk/<uuid:key>/start/": (NEVER, authors(MOVED)),
    "/bulk/<uuid:key>/cancel/": (NEVER, authors(MOVED)),
    "/repositories/<int:pk>/grant/": (authors(OK), authors(UNFIT)),
    "/repositories/<int:pk>/release/": (authors(OK), NEVER_IN),
    "/repositories/<int:pk>/release/recall/": (authors(OK), authors(UNFIT)),
    "/repositories/<int:pk>/release/reopen/": (NEVER_IN, authors(MOVED)),
    "/repositories/<int:pk>/release/gate/": (NEVER_IN, authors(MOVED)),
    "/repositories/<int:pk>/release/stages/new/": (authors(OK), authors(UNFIT)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/": (authors(OK), authors(UNFIT)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/open/": (authors(OK), authors(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/go/": (NEVER_IN, authors(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/move/": (NEVER_IN, authors(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/remove/": (NEVER_IN, authors(MOVED)),
    "/namespaces/connect/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/namespaces/<str:name>/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/token-state/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/reading/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/token/": (NEVER_IN, authors(UNFIT)),
    "/namespaces/<str:name>/check/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/changes/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/mail/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/webhook/": (NEVER_IN, authors(OK)),
    "/namespaces/<str:name>/webhook/remove/": (NEVER_IN, authors(MOVED)),
    "/hub/webhook/<slug:key>/": (NEVER, (401,) * 5),
    "/namespaces/<str:name>/statistics/": (authors(OK), NEVER_IN),
    "/repositories/named/<str:name>/<str:short>/": (authors(MOVED), NEVER_IN),
    "/repositories/<int:repository_id>/statistics/": (authors(OK), NEVER_IN),
    "/repositories/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/form/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/first-question/": (NEVER_IN, authors(MOVED)),
    "/repositories/<int:repository_id>/access-length/": (authors(OK), authors(MOVED)),
    "/repositories/<int:repository_id>/mirror/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/history/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/history/file/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/history/file/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/evaluations/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/evaluations/attach/": (NEVER_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/repositories/<int:repository_id>/evaluations/card/": (NEVER_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/evaluations/<int:evaluation_id>/remove/": (NEVER_IN, (IN, 403, 403, MOVED, NOT_FOUND)),
    "/tags/": (SIGNED_IN, NEVER_IN),
    "/tags/tagged/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/tags/<int:proposal_id>/": ((IN, OK, NOT_FOUND, OK, NOT_FOUND), NEVER_IN),
    "/tags/<int:proposal_id>/rule/": (NEVER_IN, (IN, UNFIT, NOT_FOUND, UNFIT, NOT_FOUND)),
    "/tags/<int:proposal_id>/withdraw/": (NEVER_IN, (IN, MOVED, NOT_FOUND, NOT_FOUND, NOT_FOUND)),
    "/content/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/repositories/<int:repository_id>/tag/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/tag/decide/": (NEVER_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/repositories/<int:repository_id>/tag/propose/": (NEVER_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/repositories/<int:repository_id>/tag/retry/": (NEVER_IN, (IN, 403, 403, CONFLICT, 403)),
    "/repositories/<int:repository_id>/tag/view/": (NEVER_IN, (IN, MOVED, MOVED, MOVED, MOVED)),
    "/accounts/tokens/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/accounts/tokens/<int:token_id>/revoke/": (authors(OK), authors(MOVED)),
    "/api/docs": (ALL, NEVER),
    "/api/v1/schema": (ALL, NEVER),
    "/notices/": (SIGNED_IN, NEVER_IN),
    "/notices/read/": (NEVER_IN, (IN, MOVED, MOVED, MOVED, MOVED)),
    "/notices/<int:notification_id>/read/": (NEVER_IN, (IN, MOVED, MOVED, MOVED, MOVED)),
    "/notices/settings/": (SIGNED_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/notices/settings/exceptions/": (NEVER_IN, (IN, UNFIT, UNFIT, UNFIT, UNFIT)),
    "/notices/settings/exceptions/<int:choice_id>/remove/": (NEVER_IN, authors(MOVED)),
    "/notices/previews/": (SIGNED_IN, NEVER_IN),
    "/notices/test/": (NEVER_IN, (IN, BAD, BAD, BAD, BAD)),
    "/undelivered/": (SIGNED_IN, NEVER_IN),
    "/undelivered/<int:delivery_id>/again/": (NEVER, authors(MOVED)),
    "/undelivered/<int:delivery_id>/aside/": (NEVER, authors(MOVED)),
    "/mail/": ((IN, NOT_FOUND, NOT_FOUND, NOT_FOUND, NOT_FOUND), NEVER_IN),
    "/keys/": (ALL, NEVER),
    "/healthz": (ALL, NEVER),
    "/readyz": (ALL, NEVER),
    "/preferences/": (NEVER, (MOVED,) * 5),
    "/_components/": ((NOT_FOUND,) * 5, NEVER),
    "/_components/dialog/": ((NOT_FOUND,) * 5, NEVER),
    "/_components/inbox/": ((NOT_FOUND,) * 5, NEVER),
}


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """A request that holds personal data, and somebody in each role."""
    author = factories.make_author("aurora-lab", "mara")
    repository = factories.make_repository("aurora-lab/tiny-gated")
    other = factories.make_author("meridian", "ines")
    asked = factories.ask(repository, "jordan", email=SECRETS[0], answers={"Purpose": SECRETS[1]})
    bulk = access.prepare_bulk(actor=factories.actor(author), key=uuid4(), verb="accept", request_ids=[asked.pk])
    requester = User.objects.create_user("jordan")
    accounts.record_sign_in(requester, Person(hub_id="u-jordan", username="jordan"), {"jordan": "admin"})
    operator = User.objects.create_superuser("operator")
    factories.decide(author, factories.ask(repository, "kim"), "accept")
    failed = Delivery.objects.get(address="kim@northlake.edu")
    notify.record_outcome(failed, state=Delivery.State.FAILED, error="The mail server answered 550: no such person")
    place = Place(scope_of_repository(repository.pk), repository.name, "model")
    preferences.add_exception(actor=factories.actor(author), place=place, topic="requests", pace="daily")
    ours = {
        "notification_id": Notification.objects.filter(user=author).latest("pk").pk,
        "choice_id": Choice.objects.get().pk,
        "delivery_id": failed.pk,
    }
    note = access.add_note(actor=actor_of(author), request_id=asked.pk, text=SECRETS[2])
    evidence = " ".join(TAG_SECRETS)
    proposal = tagging.propose(actor=actor_of(requester), repository_id=repository.pk, evidence=evidence)
    evaluation = tagging.attach(
        actor=actor_of(author),
        repository_id=repository.pk,
        about="bias",
        title="Toxicity",
        results=[Result("all", "T", 1)],
    )
    token, _ = accounts.make_token(actor=actor_of(author), name="script", wanted=["read"], days=7)
    stage = access.release.add_stage(
        actor=actor_of(author), repository_id=repository.pk, stage=StageFacts(name="Vetted", gate="manual")
    )
    template = access.save_template(actor=actor_of(author), namespace="aurora-lab", name="Canary", text=SECRETS[3])
    return {
        "people": dict(zip(ROLES, (None, requester, other, author, operator), strict=True)),
        "values": {
            "pk": asked.pk,
            "repository_id": repository.pk,
            "name": "aurora-lab",
            "note_id": note.pk,
            "template_id": template.pk,
            "proposal_id": proposal.pk,
            "evaluation_id": evaluation.pk,
            "token_id": token.pk,
            "stage_id": stage.pk,
            "short": "tiny-gated",
            "key": bulk.key,
            **ours,
        },
        "repository": repository.pk,
        "view": access.save_view(actor=factories.actor(author), name="Northlake", query="domain=northlake.edu").pk,
    }


def address(route: str, world: dict[str, Any]) -> str:
    values = dict(world["values"])
    if route.startswith("/repositories/<int:pk>"):
        values["pk"] = world["repository"]
    if route.startswith("/inbox/views/"):
        values["pk"] = world["view"]
    return re.sub(r"<\w+:(\w+)>", lambda match: str(values[match[1]]), route)


@pytest.mark.parametrize("route", sorted(TABLE))
def test_everybody_gets_what_the_table_says(route: str, world: dict[str, Any]):
    found: dict[str, list[int | str]] = {"GET": [], "POST": []}
    for method, answers in found.items():
        for role in ROLES:
            client = Client()
            if world["people"][role] is not None:
                client.force_login(world["people"][role])
            data = {"seen_status": "pending"} if method == "POST" else {}
            response = getattr(client, method.lower())(address(route, world), data)
            sent_to = response.headers.get("location", "")
            answers.append(IN if sent_to.startswith("/accounts/login/") else response.status_code)
            if role != "author":
                secrets = list(SECRETS if role == "requester" else (*SECRETS, *TAG_SECRETS))
                if role == "requester" and route.startswith("/my/access/"):
                    secrets = [one for one in secrets if one != OWN_ANSWER]
                content = b"".join(response) if response.streaming else response.content
                leaked = [secret for secret in secrets if secret.encode() in content]
                assert not leaked, f"{role} reads {leaked} at {method} {route}"
    assert tuple(found["GET"]) == TABLE[route][0], "GET"
    assert tuple(found["POST"]) == TABLE[route][1], "POST"


@pytest.mark.parametrize("route", sorted(TABLE))
def test_head_is_a_get_without_a_body_and_changes_nothing(route: str, world: dict[str, Any]):
    before = events()
    for role in ROLES:
        client = Client()
        if world["people"][role] is not None:
            client.force_login(world["people"][role])
        response = client.head(address(route, world))
        assert b"".join(response if response.streaming else [response.content]) == b""
        client.get(address(route, world))
    assert events() == before


def test_a_form_from_elsewhere_is_refused(world: dict[str, Any]):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world["people"]["author"])
    for route, (_, posted) in TABLE.items():
        if MOVED in posted[1:] and route != "/":
            assert client.post(address(route, world), {"seen_status": "pending"}).status_code == 403, route


def test_every_address_has_its_row():
    """Those of the sign-in are allauth's; the operations of the API have a table of their own, by method and scope, in
    `tests/test_every_operation.py`."""
    ours = {route for route in patterns(get_resolver()) if not route.startswith(("/accounts/", "/api/v1/"))}
    assert ours == {route for route in TABLE if not route.startswith(("/accounts/", "/api/v1/"))}
    assert {"/accounts/tokens/", "/accounts/tokens/<int:token_id>/revoke/"} <= set(TABLE)


def events() -> tuple[int, int, int]:
    return AuditEvent.objects.count(), OutboxItem.objects.count(), Notification.objects.count()


def patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        elif isinstance(entry, URLPattern):
            yield route
