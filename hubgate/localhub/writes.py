"""Writes of the access-request family, each in one transaction. Everything that changes a request goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from hubgate.localhub import card, clock, messages, reads, request_lists, states, webhooks
from hubgate.localhub.controls import CONTROLS
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import AccessRequest, Account, Repo, new_hub_id


def _current(repo: Repo, person: Account) -> AccessRequest | None:
    return AccessRequest.objects.filter(repo=repo, person=person).first()


def _note_old_state(repo: Repo, person_id: int) -> None:
    if CONTROLS.lag > 0:
        CONTROLS.remember(repo.pk, person_id, request_lists.row(repo, person_id))


def _require_gate(repo: Repo) -> None:
    if not repo.gated:
        raise messages.not_gated(repo.type, repo.full_name)


def _move(row: AccessRequest, status: str, reviewer: Account, body: Mapping[str, Any]) -> None:
    """Moves a request. The time of the request stays; going back to pending takes the review away (HC §1.2)."""
    _note_old_state(row.repo, row.person_id)
    row.status = status
    row.reviewed_at = None if status == "pending" else clock.now()
    row.granted_by = reviewer if status == "accepted" else None
    row.rejection_reason = (body.get("rejectionReason") or "") if status == "rejected" else ""
    row.reset_reason = (body.get("resetReason") or "") if status == "reset" else ""
    row.save()


@transaction.atomic
def handle(repo: Repo, reviewer: Account, body: Mapping[str, Any]) -> None:
    """Moves one request to `status`; `body` comes from `validation.handle`."""
    _require_gate(repo)
    if "requestId" in body:
        row = AccessRequest.objects.filter(repo=repo, request_id=body["requestId"]).select_related("repo").first()
    else:
        person = reads.person(user=body.get("user"), hub_id=body.get("userId"))
        if person is None:
            raise Refusal(404, messages.USER_NOT_FOUND)
        row = AccessRequest.objects.filter(repo=repo, person=person).select_related("repo").first()
    if row is None or not states.may_handle(row.status, body["status"]):
        raise Refusal(404, messages.NO_REQUEST)
    _move(row, body["status"], reviewer, body)


@transaction.atomic
def batch(repo: Repo, reviewer: Account, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Moves up to 100 requests; an outcome per item in the order given, `ok` too where nothing was left to do."""
    _require_gate(repo)
    outcomes = []
    for item in body["requests"]:
        key = "user" if "user" in item else "userId"
        person = reads.person(user=item.get("user"), hub_id=item.get("userId"))
        row = (
            AccessRequest.objects.filter(repo=repo, person=person).select_related("repo").first()
            if person is not None
            else None
        )
        outcome: dict[str, Any] = {key: item[key], "ok": True}
        if person is None:
            outcome.update(ok=False, error="user_not_found")
        elif row is None:
            outcome.update(ok=False, error="request_not_found")
        elif states.may_handle(row.status, body["status"]):
            _move(row, body["status"], reviewer, body)
        outcomes.append(outcome)
    return outcomes


@transaction.atomic
def grant(repo: Repo, reviewer: Account, body: Mapping[str, Any]) -> None:
    """Lets a person in, asked or not. A person who never asked has shared no e-mail (HC §1.2)."""
    _require_gate(repo)
    person = reads.person(user=body.get("user"), hub_id=body.get("userId"))
    if person is None:
        raise Refusal(404, messages.USER_NOT_FOUND)
    row = _current(repo, person)
    if not states.may_grant(row.status if row else None):
        raise Refusal(400, messages.HAS_ACCESS)
    if row is not None:
        _move(row, "accepted", reviewer, {})
        return
    _note_old_state(repo, person.pk)
    now = clock.now()
    AccessRequest.objects.create(
        repo=repo,
        person=person,
        status="accepted",
        timestamp=now,
        reviewed_at=now,
        granted_by=reviewer,
        shares_email=False,
    )


@transaction.atomic
def ask(repo: Repo, person: Account, answers: Mapping[str, object]) -> None:
    """Sends the gate form. While pending, accepted or rejected this changes nothing and is no error (HC §1.3).

    Only answers to the card's questions are kept, as text. Whether the Hub refuses a missing answer is not recorded:
    here it is left out.
    """
    _require_gate(repo)
    row = _current(repo, person)
    status = states.after_asking(row.status if row else None, repo.gated)
    if status is None:
        return
    _note_old_state(repo, person.pk)
    labels = card.fields(repo.card)
    fields = {label: as_text(answers[label]) for label in labels if label in answers} or None
    fresh = {
        "status": status,
        "timestamp": clock.now(),
        "reviewed_at": None,
        "granted_by": None,
        "fields": fields,
        "shares_email": True,
        "rejection_reason": "",
        "reset_reason": "",
    }
    AccessRequest.objects.update_or_create(
        repo=repo, person=person, defaults=fresh, create_defaults={**fresh, "request_id": new_hub_id()}
    )


def as_text(answer: object) -> str:
    """An answer as the Hub lists it: always a string; a ticked box of a JSON body is `true`."""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return answer if isinstance(answer, str) else str(answer)


@transaction.atomic
def cancel(repo: Repo, person: Account) -> None:
    """The requester withdraws: the row goes; only from pending."""
    row = _current(repo, person)
    if row is None or not states.may_cancel(row.status):
        raise Refusal(404, messages.NO_PENDING_REQUEST)
    _note_old_state(repo, person.pk)
    row.delete()


SETTINGS = {
    "gated": "gated",
    "private": "private",
    "orgMembersGated": "org_members_gated",
    "gatedNotificationsMode": "notifications_mode",
    "gatedNotificationsEmail": "notifications_email",
    "discussionsDisabled": "discussions_disabled",
}
NOT_ECHOED = ("gatedNotificationsMode", "gatedNotificationsEmail")


@transaction.atomic
def settings(repo: Repo, values: Mapping[str, Any]) -> dict[str, Any]:
    """Changes settings (HC §2) and echoes them, but for the notification keys. Requests stay as they are."""
    changed = set()
    for key, value in values.items():
        name = "private" if key == "visibility" else SETTINGS.get(key)
        if name is None:
            continue
        if key == "visibility":
            value = value == "private"
        setattr(repo, name, ("" if value is False else value) if key == "gated" else value)
        changed.add(name)
    # Only these: a commit may have moved the head since the repository was read.
    repo.save(update_fields=changed)
    if changed:
        webhooks.config(repo, changed)
    return {key: value for key, value in values.items() if key not in NOT_ECHOED}
