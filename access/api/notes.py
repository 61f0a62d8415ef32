"""Notes that those who decide leave each other on a request."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions, queries
from access.actions.notes import NOTE_LIMIT
from hubgate.accounts import scopes
from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes


class NewNoteOut(serializers.Serializer[Any]):
    """A note without its text."""

    id = serializers.IntegerField(source="pk")
    author = serializers.CharField(source="author_label")
    created_at = serializers.DateTimeField()


class NoteOut(NewNoteOut):
    """A note. The person who asked never sees it."""

    text = serializers.CharField()


class NoteList(serializers.Serializer[Any]):
    """All notes of a request, the oldest first."""

    results = NoteOut(many=True)


class NoteIn(shapes.Body):
    """A new note."""

    text = shapes.Text(max_length=NOTE_LIMIT, trim_whitespace=False)


class Notes(Operation):
    """The notes on a request."""

    scopes = {"GET": scopes.PERSONAL}
    refusals = {"GET": ("not_allowed",), "POST": ("not_allowed", "second_factor_due")}

    @extend_schema(operation_id="listNotes", responses=NoteList)
    def get(self, request: Request, request_id: int) -> Response:
        found = queries.notes(self.actor, queries.get_request(self.actor, request_id))
        return Response({"results": shapes.many(NoteOut, found)})

    @extend_schema(operation_id="addNote", request=NoteIn, responses={201: NewNoteOut})
    def post(self, request: Request, request_id: int) -> Response:
        """Leave a note. The answer does not repeat its text."""
        text = self.body(NoteIn)["text"]
        note = actions.add_note(actor=self.actor, request_id=request_id, text=text)
        return Response(NewNoteOut(note).data, 201)


class OneNote(Operation):
    """A note of your own."""

    refusals = {"DELETE": ("not_allowed", "second_factor_due")}

    @extend_schema(operation_id="removeNote", responses={204: None})
    def delete(self, request: Request, note_id: int) -> Response:
        """Remove your own note for good."""
        actions.remove_note(actor=self.actor, note_id=note_id)
        return Response(status=204)
