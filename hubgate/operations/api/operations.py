"""How the set-up does, and trying again what failed: for operators."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from hubgate.operations import actions, forms, queries, rights


class LeftOut(serializers.Serializer[Any]):
    """What the Hub still grants in one bucket of calls."""

    bucket = serializers.CharField()
    remaining = serializers.IntegerField(allow_null=True)
    quota = serializers.IntegerField(allow_null=True)
    reset_at = serializers.DateTimeField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True)


class RoundOut(serializers.Serializer[Any]):
    """The mirror of one namespace."""

    namespace = serializers.CharField()
    state = serializers.CharField(
        source="word", help_text="`whole`, `partial`, `failed`, `late`, `never` or `stopped`."
    )
    token = serializers.CharField()
    read_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    due_at = serializers.DateTimeField()
    running = serializers.BooleanField()
    error = serializers.CharField()
    repositories = serializers.IntegerField()
    requests_read_at = serializers.DateTimeField(allow_null=True)
    requests_partial = serializers.IntegerField()
    requests_failed = serializers.IntegerField()
    budget = LeftOut(many=True)


class CircuitOut(serializers.Serializer[Any]):
    """An address of the Hub whose last call failed."""

    origin = serializers.CharField()
    failures = serializers.IntegerField()
    probe_at = serializers.DateTimeField(allow_null=True)


class WorkOut(serializers.Serializer[Any]):
    """Work of one kind and lane."""

    kind = serializers.CharField()
    name = serializers.CharField(source="label", help_text="What it is, for a person.")
    lane = serializers.CharField(source="lane_label", help_text="`single` or `sets`.")
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()
    failing = serializers.IntegerField()
    parked = serializers.IntegerField()
    oldest_due_at = serializers.DateTimeField(source="oldest", allow_null=True)


class StuckOut(serializers.Serializer[Any]):
    """Work that was refused or failed."""

    kind = serializers.CharField()
    key = serializers.CharField()
    error = serializers.CharField()
    attempts = serializers.IntegerField()
    parked_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField()


class MissedOut(serializers.Serializer[Any]):
    """A mail that did not arrive, without address and text."""

    id = serializers.IntegerField()
    state = serializers.CharField(help_text="`failed` or `unsure`.")
    error = serializers.CharField()
    kind = serializers.CharField()
    made_at = serializers.DateTimeField(allow_null=True)


class MailsOut(serializers.Serializer[Any]):
    """Mails by state."""

    waiting = serializers.IntegerField()
    failed = serializers.IntegerField()
    unsure = serializers.IntegerField()
    missed = MissedOut(many=True)


class ProcessOut(serializers.Serializer[Any]):
    """A process of hubgate."""

    kind = serializers.CharField(help_text="`web`, `worker`, `beat` or `embedded`.")
    host = serializers.CharField()
    pid = serializers.IntegerField()
    version = serializers.CharField()
    started_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    alive = serializers.BooleanField()


class DatabaseOut(serializers.Serializer[Any]):
    """The database."""

    product = serializers.CharField()
    version = serializers.CharField()
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    missing = serializers.ListField(child=serializers.CharField(), help_text="Migrations that are not applied.")


class OperationsOut(serializers.Serializer[Any]):
    """How the set-up does at one moment."""

    at = serializers.DateTimeField()
    version = serializers.CharField()
    ticked_at = serializers.DateTimeField(allow_null=True, help_text="When a worker last carried out a tick of beat.")
    rounds = RoundOut(many=True)
    circuits = CircuitOut(many=True)
    work = WorkOut(many=True)
    stuck = StuckOut(many=True)
    mails = MailsOut()
    processes = ProcessOut(many=True)
    database = DatabaseOut()


class RetryIn(shapes.Body):
    """What is to be tried again."""

    what = serializers.ChoiceField(choices=forms.WHATS)
    kind = shapes.Text(required=False, default="", allow_blank=True, help_text="The kind of `work`, as it is listed.")
    key = shapes.Text(
        required=False,
        default="",
        allow_blank=True,
        help_text="The key of a piece of work, the id of a mail, the name of a namespace; empty for all of a kind.",
    )


class RetryOut(serializers.Serializer[Any]):
    """How much is tried again."""

    number = serializers.IntegerField()


class Operations(Operation):
    """How the set-up does: for operators; nothing is there for others."""

    refusals = {"GET": ("not_found",)}

    @extend_schema(operation_id="readOperations", responses=OperationsOut)
    def get(self, request: Request) -> Response:
        return Response(OperationsOut(queries.overview(self.actor)).data)


class Retry(Operation):
    """Try again what failed: work, mail, or the round over a namespace."""

    refusals = {"POST": ("not_found", "invalid_input", "nothing_to_retry")}

    @extend_schema(operation_id="retryOperation", request=RetryIn, responses=RetryOut)
    def post(self, request: Request) -> Response:
        rights.require(self.actor)
        given = forms.RetryForm(self.body(RetryIn)).checked()
        number = 1
        if given.what == "work":
            number = actions.retry_work(actor=self.actor, kind=given.kind, key=given.key)
        elif given.what == "mail":
            number = actions.retry_mail(actor=self.actor, delivery_id=int(given.key) if given.key else None)
        else:
            actions.retry_round(actor=self.actor, namespace=given.key)
        return Response({"number": number})
