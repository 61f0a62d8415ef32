"""Access requests: their list, their numbers, and each of them."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import queries, rights, rules, states
from access.api.shapes import HUB_WORDS, PERSONAL, DecidedOut, decided
from access.forms import ALL, ASKED, MAIL_WORDS, ListForm
from access.queries import Filter, Row
from hubgate.accounts import scopes
from hubgate.accounts.rest import Operation
from hubgate.errors import InvalidInputError, NotAllowedError
from hubgate.http.rest import paging, shapes

# What these look at is personal data: whoever may not read it may not guess at it either.
_LOOKS_AT_PERSONAL = ("q", "domain", "mail", "country")


class RequestOut(serializers.Serializer[Any]):
    """A request in a list."""

    id = serializers.IntegerField()
    repository_id = serializers.IntegerField()
    repository = serializers.CharField()
    username = serializers.CharField(help_text="On the Hub; empty where the Hub hides who it is.")
    name = serializers.CharField()
    organisation = serializers.CharField(help_text="The first organisation that the Hub verified; empty for none.")
    status = serializers.ChoiceField(choices=states.OURS)
    asked_at = serializers.DateTimeField()
    hub = serializers.ChoiceField(choices=HUB_WORDS)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When access ends; null for never, or without any.")
    renewal_asked = serializers.BooleanField(help_text="They ask for more time, and nobody has ruled on it.")
    email_domain = serializers.CharField(allow_null=True, help_text=PERSONAL)
    email_kind = serializers.CharField(allow_null=True, help_text=PERSONAL)
    first_answer = serializers.CharField(allow_null=True, help_text=PERSONAL)


class RequestPage(serializers.Serializer[Any]):
    """A page of requests, the newest first."""

    results = RequestOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class FilterQuery(shapes.Query):
    """Which requests: as in the inbox. What may be named several times lets through what fits any one."""

    status = serializers.ChoiceField(
        choices=(ALL, *states.OURS),
        required=False,
        help_text="Without it, what waits; with `q` all, with `ends` or `renewal` who has access.",
    )
    repository = serializers.ListField(child=serializers.CharField(max_length=20), required=False, help_text="Ids.")
    country = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="English name or two letters. Needs the scope `personal`.",
    )
    organisation = serializers.ListField(child=serializers.CharField(max_length=200), required=False)
    domain = serializers.ListField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="Of the e-mail address. Needs the scope `personal`.",
    )
    mail = serializers.ListField(
        child=serializers.ChoiceField(choices=tuple(MAIL_WORDS)),
        required=False,
        help_text="Kinds of e-mail address. Needs the scope `personal`.",
    )
    older = serializers.IntegerField(required=False, min_value=1, help_text="Asked longer ago than so many days.")
    newer = serializers.IntegerField(required=False, min_value=1, help_text="Asked within so many days.")
    assigned = serializers.CharField(required=False, max_length=20, help_text="`me`, `nobody`, or an account's id.")
    ends = serializers.IntegerField(required=False, min_value=1, help_text="Access ends within so many days.")
    renewal = serializers.ChoiceField(
        choices=(ASKED,), required=False, help_text="They ask for more time, and nobody has ruled on it."
    )
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text="Words in names, answers, e-mail addresses, repositories. Needs the scope `personal`.",
    )


class RequestQuery(FilterQuery, paging.PageQuery):
    """Which requests, and which page of them."""


class Count(serializers.Serializer[Any]):
    """How many there are; `more` says that counting stopped there."""

    number = serializers.IntegerField()
    more = serializers.BooleanField()


class CountsOut(serializers.Serializer[Any]):
    """The numbers over a list."""

    count = Count()
    by_status = serializers.DictField(child=Count(), help_text="The same filter for each status; `all` for all.")
    oldest = serializers.DateTimeField(allow_null=True, help_text="When the one that waits longest was asked.")


class Answer(serializers.Serializer[Any]):
    """A question of the gate form and what was answered."""

    question = serializers.CharField()
    answer = serializers.CharField(allow_null=True, help_text="null: not answered.")


class Reviewer(serializers.Serializer[Any]):
    """Somebody who decides for the repository."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RenewalOut(serializers.Serializer[Any]):
    """What a person asks who wants to keep access longer."""

    asked_at = serializers.DateTimeField()
    words = serializers.CharField(allow_null=True, help_text=PERSONAL)


class RequestDetailOut(DecidedOut):
    """Everything about one request."""

    name = serializers.CharField()
    organisations = serializers.ListField(child=serializers.CharField())
    asked_at = serializers.DateTimeField()
    via = serializers.CharField(help_text="`hub`, or `grant`: let in without having asked.")
    can = serializers.ListField(
        child=serializers.ChoiceField(choices=states.REVIEWER_VERBS), help_text="The decisions that apply now."
    )
    blocked = serializers.CharField(help_text="Why nothing can be decided; empty where it can.")
    reviewers = Reviewer(many=True)
    renewal = RenewalOut(allow_null=True)
    email = serializers.CharField(allow_null=True, help_text=PERSONAL)
    answers = Answer(many=True, allow_null=True, help_text=PERSONAL)


class Requests(Operation):
    """The requests of all your repositories, the newest first. Rows that come meanwhile shift nothing."""

    refusals = {"GET": ("invalid_input", "bad_list", "bad_cursor")}

    @extend_schema(operation_id="listRequests", parameters=[RequestQuery], responses=RequestPage)
    def get(self, request: Request) -> Response:
        asked = self.query(RequestQuery)
        wanted = wanted_by(request.query_params, personal=self.personal)
        found = queries.page(self.actor, wanted, cursor=asked["cursor"], size=asked["limit"])
        rows = [_row(row, personal=self.personal) for row in found.rows]
        return paging.page(request, rows, older=found.older, newer=found.newer)


class RequestCounts(Operation):
    """How many requests a filter lets through, counted up to 1,000."""

    refusals = {"GET": ("invalid_input", "bad_list")}

    @extend_schema(operation_id="countRequests", parameters=[FilterQuery], responses=CountsOut)
    def get(self, request: Request) -> Response:
        self.query(FilterQuery)
        tally = queries.tally(self.actor, wanted_by(request.query_params, personal=self.personal))
        by_status = {status or ALL: _count(count) for status, count in tally.by_status.items()}
        return Response({"count": _count(tally.count), "by_status": by_status, "oldest": tally.oldest})


class OneRequest(Operation):
    """One request. The e-mail address and the answers are only for those who decide, with the scope `personal`."""

    @extend_schema(operation_id="getRequest", responses=RequestDetailOut)
    def get(self, request: Request, request_id: int) -> Response:
        found = queries.get_request(self.actor, request_id)
        person = found.person
        answers = rules.answered(found.form.fields if found.form else [], found.answers)
        renewal = queries.open_renewal(found)
        words = renewal.words if renewal and self.personal else None
        enabled = found.repository.namespace.changes_enabled
        return Response(
            {
                **decided(self.actor, found),
                "name": (person.fullname or person.username) if person else "",
                "organisations": person.verified_orgs if person else [],
                "asked_at": found.asked_at,
                "via": found.via,
                "can": rights.allowed_verbs(self.actor, found),
                "blocked": "" if enabled else rules.reading_only(found.repository.namespace.name),
                "reviewers": [{"id": one.pk, "name": str(one)} for one in queries.reviewers(found)],
                "renewal": {"asked_at": renewal.asked_at, "words": words} if renewal else None,
                "email": found.email if self.personal else None,
                "answers": [_answer(one) for one in answers] if self.personal else None,
            }
        )


def wanted_by(parameters: QueryDict | dict[str, Any], *, personal: bool) -> Filter:
    """The filter of an address or of a body, by the inbox's own form. InvalidInputError as there; NotAllowedError where
    it looks at personal data and the token does not cover that."""
    looked_at = [name for name in _LOOKS_AT_PERSONAL if name in parameters]
    if looked_at and not personal:
        raise NotAllowedError(
            f"Filtering by {looked_at[0]} looks at personal data: this token lacks the scope “{scopes.PERSONAL}”.",
            code="insufficient_scope",
            data={"scope": scopes.PERSONAL},
        )
    form = ListForm(parameters)
    if not form.is_valid():
        fields = {name if name != "__all__" else "filter": str(errors[0]) for name, errors in form.errors.items()}
        raise InvalidInputError(next(iter(fields.values())), code="bad_list", fields=fields)
    return form.to_filter()


def _row(row: Row, *, personal: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "repository_id": row.repository_id,
        "repository": row.repository,
        "username": row.username,
        "name": row.name,
        "organisation": row.organisation,
        "status": row.status,
        "asked_at": row.asked_at,
        "hub": "refused" if row.parked else "waiting" if row.behind else "in_step",
        "ends_at": row.ends_at,
        "renewal_asked": row.renewal_asked,
        "email_domain": row.email_domain if personal else None,
        "email_kind": row.email_kind if personal else None,
        "first_answer": row.words if personal else None,
    }


def _count(count: queries.Count) -> dict[str, Any]:
    return {"number": count.number, "more": count.more}


def _answer(one: rules.Answered) -> dict[str, str | None]:
    return {"question": one.label, "answer": one.answer}
