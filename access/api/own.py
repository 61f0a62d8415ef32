"""One's own requests, and whether somebody may download."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions, checking, queries, states
from access.actions.own import WORDS_LIMIT
from hubgate.accounts.rest import Operation
from hubgate.http.rest import paging, shapes
from repos.models import Repository

_RENEWALS = ("", "asked", "extended", "refused")


class WaitsOut(serializers.Serializer[Any]):
    """How long those waited who were decided in the last 90 days; seconds, null without any."""

    number = serializers.IntegerField(help_text="How many were measured; of few it says little.")
    median = serializers.IntegerField(allow_null=True)
    ninth = serializers.IntegerField(allow_null=True, help_text="Within which nine of ten were decided.")


class OwnOut(serializers.Serializer[Any]):
    """A request of your own."""

    id = serializers.IntegerField()
    repository = serializers.CharField()
    kind = serializers.ChoiceField(choices=Repository.Kind.choices)
    status = serializers.ChoiceField(choices=states.OURS)
    asked_at = serializers.DateTimeField()
    since = serializers.DateTimeField(help_text="When its status began.")
    reason = serializers.CharField(help_text="What you were told with the decision.")
    cause = serializers.CharField(help_text="`reviewer`, `hub`, `requester`, `expiry` …; empty where nobody decided.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When your access ends; null for never.")
    usable = serializers.BooleanField(help_text="Whether the Hub lets you download now, as far as hubgate knows.")
    place = serializers.IntegerField(help_text="Among those that wait for the repository, from 1; 0 where it does not.")
    waits = WaitsOut()
    renewal = serializers.ChoiceField(choices=_RENEWALS, help_text="What became of your wish to renew; empty for none.")
    renewal_reason = serializers.CharField()
    next_step = serializers.CharField()
    may_withdraw = serializers.BooleanField()
    may_renew = serializers.BooleanField()


class OwnPageOut(serializers.Serializer[Any]):
    """A page of your own requests, those asked last first."""

    results = OwnOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class WordsIn(shapes.Body):
    """What you need it longer for, if you like."""

    words = shapes.Text(required=False, default="", allow_blank=True, max_length=WORDS_LIMIT, trim_whitespace=False)


class CheckQuery(shapes.Query):
    """Who and what."""

    repository = serializers.CharField(max_length=200, help_text="Its name on the Hub, `namespace/name`, or its id.")
    kind = serializers.ChoiceField(
        choices=Repository.Kind.choices, required=False, help_text="Where a model and a dataset share the name."
    )
    user = serializers.CharField(required=False, max_length=128, help_text="A user name on the Hub; without it, you.")


class CheckOut(serializers.Serializer[Any]):
    """Whether an account may download now."""

    allowed = serializers.BooleanField()
    code = serializers.ChoiceField(choices=checking.CODES, help_text="Never changes its meaning: decide by it.")
    sentence = serializers.CharField(help_text="For people.")
    repository = serializers.CharField()
    kind = serializers.ChoiceField(choices=Repository.Kind.choices)
    user = serializers.CharField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When that access ends.")
    hub_seen_at = serializers.DateTimeField(allow_null=True, help_text="When the Hub last showed the request.")


class OwnRequests(Operation):
    """What you asked for on the Hub and were let in to, over all namespaces."""

    refusals = {"GET": ("invalid_input", "bad_cursor")}

    @extend_schema(operation_id="listMyRequests", parameters=[paging.PageQuery], responses=OwnPageOut)
    def get(self, request: Request) -> Response:
        asked = self.query(paging.PageQuery)
        found = queries.own_page(self.actor, cursor=asked["cursor"], size=asked["limit"])
        return paging.page(request, shapes.many(OwnOut, found.rows), older=found.older, newer=found.newer)


class Withdraw(Operation):
    """Withdraw a request of yours that waits. On the Hub it is reset, "withdrawn by the requester"."""

    refusals = {"POST": ("not_waiting", "reading_only")}

    @extend_schema(operation_id="withdrawMyRequest", request=None, responses=OwnOut)
    def post(self, request: Request, request_id: int) -> Response:
        self.body(shapes.Body)
        actions.withdraw(actor=self.actor, request_id=request_id)
        return Response(OwnOut(queries.get_own(self.actor, request_id)).data)


class Renew(Operation):
    """Ask for more time, once for each end of your access, from 30 days before."""

    refusals = {"POST": ("no_access", "nothing_to_renew", "too_early_to_renew")}

    @extend_schema(operation_id="renewMyAccess", request=WordsIn, responses=OwnOut)
    def post(self, request: Request, request_id: int) -> Response:
        wish = self.body(WordsIn)
        actions.ask_renewal(actor=self.actor, request_id=request_id, words=wish["words"])
        return Response(OwnOut(queries.get_own(self.actor, request_id)).data)


class Check(Operation):
    """Whether an account may download a repository now, and why. You may ask about yourself, and about anybody where
    you decide. It is about the account: whether a token of theirs may is another question."""

    refusals = {"GET": ("invalid_input", "not_allowed", "not_found")}

    @extend_schema(operation_id="checkAccess", parameters=[CheckQuery], responses=CheckOut)
    def get(self, request: Request) -> Response:
        asked = self.query(CheckQuery)
        found = queries.check(
            self.actor, repository=asked["repository"], kind=asked.get("kind", ""), user=asked.get("user", "")
        )
        return Response(
            {
                "allowed": found.answer.allowed,
                "code": found.answer.code,
                "sentence": found.answer.sentence,
                "repository": found.repository.name,
                "kind": found.repository.kind,
                "user": found.user,
                "ends_at": found.ends_at,
                "hub_seen_at": found.hub_seen_at,
            }
        )
