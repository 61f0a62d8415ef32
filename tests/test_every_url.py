"""Every address as everybody: the table of who gets what. An address without a row fails, so that none is opened by
accident. Personal data of a request is looked for in everything that somebody without the right is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
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
from repos import actions as repos
from repos import invitation_token
from tagging import actions as tagging
from tagging.evaluations import Result
from tests import factories

ROLES = (
    *("anonymous", "requester", "reader", "reviewer of one repository", "reviewer", "auditor", "steward", "author"),
    *("other author", "operator"),
)
SECRETS = ("canary@northlake.example", "canary answer", "canary note", "canary template")
OWN_ANSWER = SECRETS[1]  # which the requester may read again, too
TAG_SECRETS = ("canary evidence",)  # of the requester, who may read it again
INVITED = ("canary@invited.example",)  # the address of an invitation, for authors only
ALL_SECRETS = (*SECRETS, *TAG_SECRETS, *INVITED)
# What each role may read of these; who is not named may read none.
MAY_READ: dict[str, tuple[str, ...]] = {
    "author": ALL_SECRETS,
    "reviewer": SECRETS,
    "reviewer of one repository": SECRETS,
    "steward": TAG_SECRETS,
    "requester": TAG_SECRETS,
}

IN, OK, NOT_FOUND, MOVED, BAD, NO_METHOD, UNFIT, CONFLICT = "sign in", 200, 404, 302, 400, 405, 422, 409
NOT_YOURS = 403

Answers = tuple[int | str, ...]


def to(other: int | str, **answers: int | str) -> Answers:
    """What each role is answered, in the order of ROLES: `other` but for those named. Whoever has not signed in is
    asked to, unless `anonymous` says otherwise."""
    named: dict[str, int | str] = {"anonymous": IN, **answers}
    one = named.pop("one_repository", named.get("reviewer", other))
    named = {name.replace("_", " "): answer for name, answer in named.items()}
    named["reviewer of one repository"] = one
    assert set(named) <= set(ROLES), named
    return tuple(named.get(role, other) for role in ROLES)


NEVER = to(NO_METHOD, anonymous=NO_METHOD)
NEVER_IN = to(NO_METHOD)  # the sign-in is asked for first
SIGNED_IN = to(OK)
ALL = to(OK, anonymous=OK)


def authors(status: int) -> Answers:
    """Only an author is answered; for everybody else signed in there is nothing there."""
    return to(NOT_FOUND, author=status)


def readers(status: int) -> Answers:
    """Whoever reads requests there: authors, reviewers and auditors."""
    return to(NOT_FOUND, author=status, reviewer=status, auditor=status)


def deciders(status: int, auditor: int = NOT_YOURS) -> Answers:
    """Authors and reviewers; an auditor sees that there is something, and may not."""
    return to(NOT_FOUND, author=status, reviewer=status, auditor=auditor)


def changes_plan(status: int) -> Answers:
    """An author changes a release plan; reviewers and auditors read it, and may not."""
    return to(NOT_FOUND, author=status, reviewer=NOT_YOURS, auditor=NOT_YOURS)


def rulers(status: int, other: int = NOT_FOUND) -> Answers:
    """Who rules on tags: authors and stewards."""
    return to(other, author=status, steward=status)


# Route → what GET and what POST give to each role.
TABLE: dict[str, tuple[Answers, Answers]] = {
    "/": (to(MOVED, anonymous=MOVED), to(MOVED, anonymous=MOVED)),
    "/inbox/": (SIGNED_IN, NEVER),
    "/drift/": (SIGNED_IN, NEVER_IN),
    "/drift/settle/": (NEVER, to(BAD)),
    "/inbox/views/": (SIGNED_IN, to(UNFIT)),
    "/inbox/views/<int:pk>/rename/": (NEVER, authors(UNFIT)),
    "/inbox/views/<int:pk>/remove/": (NEVER, authors(MOVED)),
    "/inbox/export/": (NEVER, to(BAD, author=OK, reviewer=OK, auditor=OK)),
    "/requests/<int:pk>/": (readers(OK), NEVER),
    "/requests/<int:pk>/accept/": (NEVER, deciders(MOVED)),
    "/requests/<int:pk>/put-back/": (NEVER, deciders(CONFLICT)),
    "/requests/<int:pk>/reject/": (deciders(OK), deciders(UNFIT)),
    "/requests/<int:pk>/reset/": (deciders(OK), deciders(UNFIT)),
    "/requests/<int:pk>/undo/": (NEVER, deciders(CONFLICT)),
    "/requests/<int:pk>/retry/": (NEVER, deciders(CONFLICT)),
    "/requests/<int:pk>/notes/": (deciders(OK), deciders(UNFIT)),
    "/requests/<int:pk>/notes/<int:note_id>/remove/": (
        NEVER_IN,
        to(NOT_FOUND, author=MOVED, reviewer=NOT_YOURS, auditor=NOT_YOURS),
    ),
    "/requests/<int:pk>/assign/": (NEVER, deciders(MOVED)),
    "/requests/<int:pk>/presence/": (NEVER, readers(OK)),
    "/requests/<int:pk>/accept-until/": (deciders(OK), deciders(MOVED)),
    "/requests/<int:pk>/extend/": (deciders(CONFLICT), deciders(CONFLICT)),
    "/requests/<int:pk>/refuse-renewal/": (deciders(CONFLICT), deciders(CONFLICT)),
    "/my/access/": (SIGNED_IN, NEVER),
    "/my/access/<int:pk>/": (to(NOT_FOUND, requester=OK), NEVER),
    "/my/access/<int:pk>/withdraw/": (to(NOT_FOUND, requester=OK), to(NOT_FOUND, requester=MOVED)),
    "/my/access/<int:pk>/renew/": (to(NOT_FOUND, requester=MOVED), to(NOT_FOUND, requester=CONFLICT)),
    "/namespaces/<str:name>/reasons/": (authors(OK), authors(UNFIT)),
    "/namespaces/<str:name>/reasons/<int:template_id>/": (authors(OK), authors(UNFIT)),
    "/namespaces/<str:name>/reasons/<int:template_id>/remove/": (NEVER_IN, authors(MOVED)),
    "/bulk/": (SIGNED_IN, to(BAD)),
    "/bulk/<uuid:key>/": (authors(OK), NEVER),
    "/bulk/<uuid:key>/start/": (NEVER, authors(MOVED)),
    "/bulk/<uuid:key>/cancel/": (NEVER, authors(MOVED)),
    "/repositories/<int:pk>/grant/": (deciders(OK), deciders(UNFIT)),
    "/repositories/<int:pk>/release/": (readers(OK), NEVER_IN),
    "/repositories/<int:pk>/release/recall/": (readers(OK), readers(UNFIT)),
    "/repositories/<int:pk>/release/reopen/": (NEVER_IN, changes_plan(MOVED)),
    "/repositories/<int:pk>/release/gate/": (NEVER_IN, readers(MOVED)),  # it names no way
    "/repositories/<int:pk>/release/stages/new/": (readers(OK), readers(UNFIT)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/": (readers(OK), readers(UNFIT)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/open/": (readers(OK), changes_plan(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/go/": (NEVER_IN, changes_plan(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/move/": (NEVER_IN, changes_plan(MOVED)),
    "/repositories/<int:pk>/release/stages/<int:stage_id>/remove/": (NEVER_IN, changes_plan(MOVED)),
    "/namespaces/connect/": (SIGNED_IN, to(UNFIT)),
    "/namespaces/<str:name>/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/token-state/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/reading/": (authors(OK), NEVER_IN),
    "/namespaces/<str:name>/token/": (NEVER_IN, authors(UNFIT)),
    "/namespaces/<str:name>/check/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/changes/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/mail/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/webhook/": (NEVER_IN, authors(OK)),
    "/namespaces/<str:name>/webhook/remove/": (NEVER_IN, authors(MOVED)),
    "/namespaces/<str:name>/people/": (to(NOT_FOUND, author=OK, reviewer=OK, one_repository=NOT_FOUND), NEVER_IN),
    "/namespaces/<str:name>/people/name/": (
        NEVER_IN,
        to(NOT_FOUND, author=UNFIT, reviewer=UNFIT, one_repository=NOT_FOUND),
    ),
    "/namespaces/<str:name>/people/invite/": (
        NEVER_IN,
        to(NOT_FOUND, author=UNFIT, reviewer=UNFIT, one_repository=NOT_FOUND),
    ),
    "/namespaces/<str:name>/people/second-factor/": (
        NEVER_IN,
        to(NOT_FOUND, author=MOVED, reviewer=NOT_YOURS, one_repository=NOT_FOUND),
    ),
    "/namespaces/<str:name>/people/<int:role_id>/end/": (
        to(NOT_FOUND, author=OK, reviewer=OK, one_repository=NOT_FOUND),
        to(NOT_FOUND, author=UNFIT, reviewer=UNFIT, one_repository=NOT_FOUND),
    ),
    "/namespaces/<str:name>/people/invited/<int:invitation_id>/end/": (
        NEVER_IN,
        to(NOT_FOUND, author=MOVED, reviewer=NOT_YOURS, one_repository=NOT_FOUND),
    ),
    # Whoever has the link of an invitation may read it; to accept takes an account that the Hub knows.
    "/invitations/<str:token>/": (SIGNED_IN, to(NOT_YOURS, requester=MOVED)),
    "/hub/webhook/<slug:key>/": (NEVER, to(401, anonymous=401)),
    "/namespaces/<str:name>/statistics/": (
        to(NOT_FOUND, author=OK, reviewer=OK, auditor=OK, one_repository=NOT_FOUND),
        NEVER_IN,
    ),
    "/repositories/named/<str:name>/<str:short>/": (readers(MOVED), NEVER_IN),
    "/repositories/<int:repository_id>/statistics/": (readers(OK), NEVER_IN),
    "/repositories/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/": (readers(OK), NEVER_IN),
    "/repositories/<int:repository_id>/form/": (readers(OK), NEVER_IN),
    "/repositories/<int:repository_id>/first-question/": (
        NEVER_IN,
        to(NOT_FOUND, author=MOVED, reviewer=NOT_YOURS, auditor=NOT_YOURS),
    ),
    "/repositories/<int:repository_id>/mirror/": (readers(OK), NEVER_IN),
    "/repositories/<int:repository_id>/history/": (readers(OK), NEVER_IN),
    "/repositories/<int:repository_id>/history/file/": (readers(OK), NEVER_IN),
    "/repositories/<int:repository_id>/access-length/": (
        to(NOT_FOUND, author=OK, reviewer=NOT_YOURS, auditor=NOT_YOURS),
        to(NOT_FOUND, author=MOVED, reviewer=NOT_YOURS, auditor=NOT_YOURS),
    ),
    "/namespaces/<str:name>/history/file/": (authors(OK), NEVER_IN),
    "/repositories/<int:repository_id>/evaluations/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/evaluations/attach/": (NEVER_IN, to(UNFIT)),
    "/repositories/<int:repository_id>/evaluations/card/": (NEVER_IN, to(UNFIT)),
    "/evaluations/<int:evaluation_id>/remove/": (NEVER_IN, to(NOT_YOURS, author=MOVED)),
    "/tags/": (SIGNED_IN, NEVER_IN),
    "/tags/tagged/": (SIGNED_IN, to(UNFIT)),
    "/tags/<int:proposal_id>/": (to(NOT_FOUND, author=OK, steward=OK, requester=OK), NEVER_IN),
    "/tags/<int:proposal_id>/rule/": (NEVER_IN, to(NOT_FOUND, author=UNFIT, steward=UNFIT, requester=UNFIT)),
    "/tags/<int:proposal_id>/withdraw/": (NEVER_IN, to(NOT_FOUND, requester=MOVED)),
    "/content/": (SIGNED_IN, to(UNFIT)),
    "/repositories/<int:repository_id>/tag/": (SIGNED_IN, NEVER_IN),
    "/repositories/<int:repository_id>/tag/decide/": (NEVER_IN, to(UNFIT)),
    "/repositories/<int:repository_id>/tag/propose/": (NEVER_IN, to(UNFIT)),
    "/repositories/<int:repository_id>/tag/retry/": (NEVER_IN, rulers(CONFLICT, other=NOT_YOURS)),
    "/repositories/<int:repository_id>/tag/view/": (NEVER_IN, to(MOVED)),
    "/accounts/tokens/": (SIGNED_IN, to(UNFIT)),
    "/accounts/tokens/<int:token_id>/revoke/": (authors(OK), authors(MOVED)),
    "/accounts/sessions/<int:session_id>/end/": (NEVER_IN, authors(MOVED)),
    "/api/docs": (ALL, NEVER),
    "/api/v1/schema": (ALL, NEVER),
    "/notices/": (SIGNED_IN, NEVER_IN),
    "/notices/read/": (NEVER_IN, to(MOVED)),
    "/notices/<int:notification_id>/read/": (NEVER_IN, to(MOVED)),
    "/notices/settings/": (SIGNED_IN, to(UNFIT)),
    "/notices/settings/exceptions/": (NEVER_IN, to(UNFIT)),
    "/notices/settings/exceptions/<int:choice_id>/remove/": (NEVER_IN, authors(MOVED)),
    "/notices/previews/": (SIGNED_IN, NEVER_IN),
    "/notices/test/": (NEVER_IN, to(BAD)),
    "/undelivered/": (SIGNED_IN, NEVER_IN),
    "/undelivered/<int:delivery_id>/again/": (NEVER, to(NOT_FOUND, author=MOVED, reviewer=MOVED)),
    "/undelivered/<int:delivery_id>/aside/": (NEVER, to(NOT_FOUND, author=MOVED, reviewer=MOVED)),
    "/mail/": (to(NOT_FOUND), NEVER_IN),
    "/metrics": (to(401, anonymous=401), NEVER),
    "/operations/": (to(NOT_FOUND, operator=OK), NEVER_IN),
    "/operations/retry/": (NEVER, to(NOT_FOUND, operator=BAD)),
    "/keys/": (ALL, NEVER),
    "/healthz": (ALL, NEVER),
    "/readyz": (ALL, NEVER),
    "/preferences/": (NEVER, to(MOVED, anonymous=MOVED)),
    "/_components/": (to(NOT_FOUND, anonymous=NOT_FOUND), NEVER),
    "/_components/dialog/": (to(NOT_FOUND, anonymous=NOT_FOUND), NEVER),
    "/_components/inbox/": (to(NOT_FOUND, anonymous=NOT_FOUND), NEVER),
}


@pytest.fixture
def world(db: None) -> dict[str, Any]:
    """A request that holds personal data, and somebody in each role. All but the author are no members of the
    namespace on the Hub."""
    author = factories.make_author("aurora-lab", "mara")
    repository = factories.make_repository("aurora-lab/tiny-gated")
    other = factories.make_author("meridian", "ines")
    asked = factories.ask(repository, "jordan", email=SECRETS[0], answers={"Purpose": SECRETS[1]})
    bulk = access.prepare_bulk(actor=factories.actor(author), key=uuid4(), verb="accept", request_ids=[asked.pk])
    requester = User.objects.create_user("jordan")
    accounts.record_sign_in(requester, Person(hub_id="u-jordan", username="jordan"), {"jordan": "admin"})
    operator = User.objects.create_superuser("operator")
    reader = User.objects.create_user("reader")
    named = {
        "reviewer of one repository": User.objects.create_user("one"),
        "reviewer": User.objects.create_user("reviewer"),
        "auditor": User.objects.create_user("auditor"),
        "steward": User.objects.create_user("steward"),
    }
    for role, user in named.items():
        given = repos.give_role(
            actor=factories.actor(author),
            namespace="aurora-lab",
            username=user.username,
            role=role.partition(" ")[0],
            repository_id=repository.pk if " of one " in role else None,
        )
    invitation = repos.invite(
        actor=factories.actor(author), namespace="aurora-lab", address=INVITED[0], role="reviewer"
    )
    session = UserSession.objects.create(user=author, ip="127.0.0.1", user_agent="Canary", session_key="canary")
    SessionStore(session_key="canary").save(must_create=True)
    kim = factories.ask(repository, "kim")
    factories.decide(author, kim, "accept")
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
        "people": {
            "anonymous": None,
            "requester": requester,
            "reader": reader,
            "author": author,
            "other author": other,
            "operator": operator,
            **named,
        },
        "values": {
            "pk": asked.pk,
            "repository_id": repository.pk,
            "name": "aurora-lab",
            "note_id": note.pk,
            "template_id": template.pk,
            "proposal_id": proposal.pk,
            "evaluation_id": evaluation.pk,
            "token_id": token.pk,
            "role_id": given.pk,
            "invitation_id": invitation.pk,
            "token": invitation_token.token_of(invitation.key),
            "session_id": session.pk,
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
            before = transaction.savepoint()
            response = getattr(client, method.lower())(address(route, world), data)
            sent_to = response.headers.get("location", "")
            answers.append(IN if sent_to.startswith("/accounts/login/") else response.status_code)
            content = b"".join(response) if response.streaming else response.content
            hidden = set(ALL_SECRETS) - set(MAY_READ.get(role, ()))
            if role == "requester" and route.startswith("/my/access/"):
                hidden -= {OWN_ANSWER}
            leaked = [secret for secret in hidden if secret.encode() in content]
            transaction.savepoint_rollback(before)
            assert not leaked, f"{role} reads {leaked} at {method} {route}"
    for method, expected in zip(found, TABLE[route], strict=True):
        assert dict(zip(ROLES, found[method], strict=True)) == dict(zip(ROLES, expected, strict=True)), method


@pytest.mark.parametrize("route", sorted(TABLE))
def test_head_is_a_get_without_a_body_and_changes_nothing(route: str, world: dict[str, Any]):
    before = events()
    for role in ("anonymous", "requester", "auditor", "author"):
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
        if posted[ROLES.index("author")] == MOVED and route != "/":
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
