"""Repositories: their list and each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import paging, shapes
from repos import panels, queries, rules
from repos.models import Repository
from repos.queries import RepositoryFilter

_AUDIENCES = ("all", "nfaa", "not-nfaa")
_GATES = ("gated", "manual", "auto", "open", "private")


class RepositoryOut(serializers.Serializer[Any]):
    """A model, dataset or space whose gate is run here."""

    id = serializers.IntegerField(source="pk", help_text="hubgate's own id; it outlives a rename.")
    kind = serializers.ChoiceField(choices=Repository.Kind.choices)
    name = serializers.CharField(help_text="The full name on the Hub, `namespace/name`.")
    namespace = serializers.CharField(source="namespace.name")
    gate = serializers.CharField(help_text="`open`, `auto`, `manual`, or a word of the Hub that hubgate does not know.")
    is_open = serializers.SerializerMethodField(help_text="Whether anybody may download.")
    private = serializers.BooleanField()
    not_for_all_audiences = serializers.BooleanField(source="nfaa", allow_null=True, help_text="null: not read yet.")
    license = serializers.CharField()
    commit = serializers.CharField(source="sha")
    former_names = serializers.ListField(child=serializers.CharField())
    changed_at = serializers.DateTimeField(source="hub_modified_at", allow_null=True)
    seen_at = serializers.DateTimeField(help_text="When the Hub last showed it.")
    missing_since = serializers.DateTimeField(allow_null=True)
    waiting = serializers.SerializerMethodField(help_text="Requests that wait for a decision.")

    def get_is_open(self, repository: Repository) -> bool:
        return rules.is_open(repository.gate)

    def get_waiting(self, repository: Repository) -> int:
        waiting: dict[int, int] = self.context["waiting"]
        return waiting.get(repository.pk, 0)


class Question(serializers.Serializer[Any]):
    """A field of a gate form."""

    label = serializers.CharField()  # type: ignore[assignment]  # a member of the answer, not of the class
    type = serializers.CharField()


class GateFormOut(serializers.Serializer[Any]):
    """A version of a gate form."""

    version = serializers.IntegerField(source="number")
    heading = serializers.CharField(allow_null=True)
    description = serializers.CharField(allow_null=True)
    prompt = serializers.CharField(allow_null=True)
    button = serializers.CharField(allow_null=True)
    questions = Question(many=True, source="fields")
    eu_disallowed = serializers.BooleanField()
    seen_at = serializers.DateTimeField()


class CardNotice(serializers.Serializer[Any]):
    """What is wrong with a card."""

    code = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    message = serializers.CharField()


class RepositoryDetailOut(RepositoryOut):
    """A repository with its gate form and what is wrong with its card."""

    form = GateFormOut(allow_null=True)
    warnings = serializers.SerializerMethodField()

    @extend_schema_field(CardNotice(many=True))
    def get_warnings(self, repository: Repository) -> list[dict[str, Any]]:
        state = queries.card_state(repository)
        notices = [*([state.loud] if state.loud else []), *state.errors, *state.warnings]
        return [{"code": one.code, "line": one.line, "message": one.message} for one in notices]


class RepositoryPage(serializers.Serializer[Any]):
    """A page of repositories, by name."""

    results = RepositoryOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class RepositoryQuery(paging.PageQuery):
    """Which repositories."""

    kind = serializers.ChoiceField(choices=Repository.Kind.choices, required=False)
    gate = serializers.ChoiceField(choices=_GATES, required=False)
    namespace = serializers.CharField(required=False, default="", allow_blank=True, max_length=128)
    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="Words of a name, also a former one."
    )
    audience = serializers.ChoiceField(
        choices=_AUDIENCES,
        required=False,
        default="all",
        help_text="`nfaa`: those tagged “Not For All Eyes”; `not-nfaa`: the others; `all`, also for who hides them in "
        "the pages.",
    )


class Repositories(Operation):
    """The repositories of the namespaces that you run, by name."""

    refusals = {"GET": ("invalid_input", "bad_cursor")}

    @extend_schema(operation_id="listRepositories", parameters=[RepositoryQuery], responses=RepositoryPage)
    def get(self, request: Request) -> Response:
        asked = self.query(RepositoryQuery)
        wanted = RepositoryFilter(
            asked.get("kind", ""), asked.get("gate", ""), asked["namespace"], asked["q"], asked["audience"]
        )
        found = queries.repository_list(self.actor, wanted, cursor=asked["cursor"], size=asked["limit"])
        rows = shapes.many(RepositoryOut, found.rows, waiting=waiting(found.rows))
        return paging.page(request, rows, older=found.older, newer=found.newer)


class OneRepository(Operation):
    """One repository, with its gate form and what is wrong with its card."""

    @extend_schema(operation_id="getRepository", responses=RepositoryDetailOut)
    def get(self, request: Request, repository_id: int) -> Response:
        found = queries.get_visible(self.actor, repository_id)
        return Response(RepositoryDetailOut(found, context={"waiting": waiting([found])}).data)


def waiting(repositories: Sequence[Repository]) -> dict[int, int]:
    """How many requests wait for each, as the app above tells it."""
    facts = panels.facts_of([repository.pk for repository in repositories])
    return {pk: fact.waiting for pk, fact in facts.items()}
