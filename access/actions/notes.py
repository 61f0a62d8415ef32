"""Notes that those who decide leave each other on a request. Their texts never enter the audit trail."""

from __future__ import annotations

from django.db import transaction

from access import events, rights
from access.models import AccessRequest, Note
from access.subjects import of_request
from hubgate.actors import Actor
from hubgate.audit import log
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError
from hubgate.hub.reasons import storable

NOTE_LIMIT = 5_000
NO_TEXT = "Write the note first."


def add_note(*, actor: Actor, request_id: int, text: str) -> Note:
    """Leave a note for the others who decide. NotFoundOrHiddenError, NotAllowedError, or InvalidInputError for a text
    that is empty or too long."""
    text = clean_note(text)
    with transaction.atomic(durable=True):
        request = _visible(actor, request_id)
        rights.require(actor, "note", request.repository)
        note = Note.objects.create(request=request, author_id=actor.user_id, author_label=actor.label, text=text)
        log.record(actor, events.NOTE_ADDED, of_request(request), data={"note": note.pk})
    return note


def remove_note(*, actor: Actor, note_id: int) -> None:
    """Remove one's own note for good. NotFoundOrHiddenError where there is none on a request that the actor decides,
    NotAllowedError for somebody else's."""
    with transaction.atomic(durable=True):
        note = Note.objects.select_for_update(of=("self",)).filter(pk=note_id).first()
        if note is None:
            raise NotFoundOrHiddenError("There is no such note. It may have been removed already.")
        request = _visible(actor, note.request_id)
        rights.require(actor, "note", request.repository)
        if actor.user_id is None or note.author_id != actor.user_id:
            raise NotAllowedError(f"Only {note.author_label}, who wrote this note, can remove it.")
        log.record(actor, events.NOTE_REMOVED, of_request(request), data={"note": note.pk})
        note.delete()


def clean_note(text: str) -> str:
    """The note as it is kept. InvalidInputError where it is empty or far too long."""
    text = storable(text.replace("\r\n", "\n").replace("\x00", "")).strip()
    if not text:
        raise InvalidInputError(NO_TEXT, fields={"text": NO_TEXT})
    if len(text) > NOTE_LIMIT:
        message = f"Shorten the note: it has {len(text):,} characters, and {NOTE_LIMIT:,} are kept."
        raise InvalidInputError(message, fields={"text": message})
    return text


def _visible(actor: Actor, request_id: int) -> AccessRequest:
    request = rights.visible_to(actor).select_related("repository__namespace", "person").filter(pk=request_id).first()
    if request is None:
        raise NotFoundOrHiddenError("There is no such request, or it is not yours to decide.")
    return request
