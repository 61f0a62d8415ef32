"""Bias and safety results attached to a repository."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from tagging import actions, queries, rules
from tagging.evaluations import FINDING_LIMIT, MOST_RESULTS, NAME_LIMIT, TITLE_LIMIT, WHOLE, Result
from tagging.models import Evaluation


class NumberOut(serializers.Serializer[Any]):
    """One number."""

    group = serializers.CharField(help_text="Of which people, things or dataset; `all` for none in particular.")
    metric = serializers.CharField()
    value = serializers.FloatField()


class EvaluationOut(serializers.Serializer[Any]):
    """A result as it was when it was attached: numbers, a finding in words, or both."""

    id = serializers.IntegerField(source="pk")
    repository_id = serializers.IntegerField()
    about = serializers.ChoiceField(choices=Evaluation.About.choices)
    source = serializers.ChoiceField(choices=Evaluation.Source.choices)  # type: ignore[assignment]  # of the answer
    title = serializers.CharField()
    finding = serializers.CharField()
    link = serializers.CharField()
    results = NumberOut(many=True)
    commit = serializers.CharField(source="commit_sha", help_text="Of the repository when it was attached.")
    attached_by = serializers.CharField(source="made_by_label")
    attached_at = serializers.DateTimeField(source="made_at")


class EvaluationList(serializers.Serializer[Any]):
    """What is attached to a repository, the newest first."""

    results = EvaluationOut(many=True)


class NumberIn(shapes.Body):
    """One number."""

    group = shapes.Text(max_length=NAME_LIMIT, required=False, default=WHOLE)
    metric = shapes.Text(max_length=NAME_LIMIT)
    value = serializers.FloatField()


class EvaluationIn(shapes.Body):
    """Numbers, or a link to a Space with the finding in words."""

    about = serializers.ChoiceField(choices=Evaluation.About.choices)
    title = shapes.Text(max_length=TITLE_LIMIT)
    finding = shapes.Text(max_length=FINDING_LIMIT, required=False, default="", allow_blank=True)
    link = shapes.Text(max_length=rules.LINK_LIMIT, required=False, default="", allow_blank=True)
    results = NumberIn(many=True, required=False, default=list)

    def validate_results(self, rows: list[dict[str, Any]]) -> list[Result]:
        if len(rows) > MOST_RESULTS:
            raise serializers.ValidationError(f"At most {MOST_RESULTS} results are taken.")
        results = [Result(row["group"], row["metric"], row["value"]) for row in rows]
        if len({(one.group, one.metric) for one in results}) < len(results):
            raise serializers.ValidationError("A metric is there twice for the same group.")
        return results


class AboutIn(shapes.Body):
    """What the numbers are about."""

    about = serializers.ChoiceField(choices=Evaluation.About.choices)


class Evaluations(Operation):
    """The evaluations of a repository: of your own, and of every public one."""

    refusals = {"POST": ("not_allowed", "already_attached")}

    @extend_schema(operation_id="listEvaluations", responses=EvaluationList)
    def get(self, request: Request, repository_id: int) -> Response:
        found = queries.evaluations_of(queries.get_visible(self.actor, repository_id))
        return Response({"results": shapes.many(EvaluationOut, found)})

    @extend_schema(operation_id="attachEvaluation", request=EvaluationIn, responses={201: EvaluationOut})
    def post(self, request: Request, repository_id: int) -> Response:
        """Attach one. Everybody who sees the repository sees it."""
        made = actions.attach(actor=self.actor, repository_id=repository_id, **self.body(EvaluationIn))
        return Response(EvaluationOut(made).data, 201)


class OfCard(Operation):
    """Attach the numbers of the card's `model-index` as they are now."""

    refusals = {"POST": ("not_allowed", "already_attached", "no_results")}

    @extend_schema(operation_id="attachCardResults", request=AboutIn, responses={201: EvaluationOut})
    def post(self, request: Request, repository_id: int) -> Response:
        made = actions.attach_card(actor=self.actor, repository_id=repository_id, **self.body(AboutIn))
        return Response(EvaluationOut(made).data, 201)


class OneEvaluation(Operation):
    """One evaluation."""

    refusals = {"DELETE": ("not_allowed",)}

    @extend_schema(operation_id="getEvaluation", responses=EvaluationOut)
    def get(self, request: Request, evaluation_id: int) -> Response:
        return Response(EvaluationOut(queries.get_evaluation(self.actor, evaluation_id)).data)

    @extend_schema(operation_id="removeEvaluation", responses={204: None})
    def delete(self, request: Request, evaluation_id: int) -> Response:
        """Take it off its repository. The history keeps that it was there."""
        actions.remove(actor=self.actor, evaluation_id=evaluation_id)
        return Response(status=204)
