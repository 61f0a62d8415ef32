"""Proposals to set or clear the tag: made by readers, ruled on by those who look after the repository."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from tagging import actions, queries, rules
from tagging.api.tag import RulingOut
from tagging.models import Proposal


class ProposalOut(serializers.Serializer[Any]):
    """A proposal with its evidence: for those who rule on it, and for who made it."""

    id = serializers.IntegerField(source="pk")
    repository_id = serializers.IntegerField()
    repository = serializers.CharField(source="repository.name")
    wants_set = serializers.BooleanField()
    evidence = serializers.CharField()
    links = serializers.ListField(child=serializers.URLField())
    status = serializers.ChoiceField(choices=Proposal.Status.choices)
    proposed_by = serializers.CharField(source="proposer_label")
    made_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    ruling = RulingOut(allow_null=True, default=None)


class ProposalList(serializers.Serializer[Any]):
    """Proposals; at most a page of them."""

    results = ProposalOut(many=True)


class ProposalIn(shapes.Body):
    """What you saw, and where. Only those who rule on it read this."""

    evidence = shapes.Text(max_length=rules.EVIDENCE_LIMIT)
    links = serializers.ListField(child=shapes.Text(max_length=2000), required=False, default=list)


class RuleIn(shapes.Body):
    """The ruling, with a public reason."""

    accept = serializers.BooleanField()
    reason = shapes.Text(max_length=rules.REASON_LIMIT)


class WhichQuery(shapes.Query):
    """Whose proposals."""

    which = serializers.ChoiceField(
        choices=("to-rule", "own"),
        required=False,
        default="to-rule",
        help_text="The open ones that you rule on, the oldest first; or your own, the newest first.",
    )


class Propose(Operation):
    """Propose that the tag of a repository be set where it is not, or cleared where it is."""

    refusals = {"POST": ("not_allowed", "proposed_already")}

    @extend_schema(operation_id="proposeTag", request=ProposalIn, responses={201: ProposalOut})
    def post(self, request: Request, repository_id: int) -> Response:
        given = self.body(ProposalIn)
        made = actions.propose(actor=self.actor, repository_id=repository_id, **given)
        return Response(ProposalOut(queries.get_proposal(self.actor, made.pk)).data, 201)


class Proposals(Operation):
    """The proposals that wait for your ruling, or those that you made."""

    refusals = {"GET": ("invalid_input",)}

    @extend_schema(operation_id="listTagProposals", parameters=[WhichQuery], responses=ProposalList)
    def get(self, request: Request) -> Response:
        own = self.query(WhichQuery)["which"] == "own"
        found = queries.own(self.actor) if own else queries.to_rule(self.actor)
        return Response({"results": shapes.many(ProposalOut, found)})


class OneProposal(Operation):
    """One proposal."""

    @extend_schema(operation_id="getTagProposal", responses=ProposalOut)
    def get(self, request: Request, proposal_id: int) -> Response:
        return Response(ProposalOut(queries.get_proposal(self.actor, proposal_id)).data)


class Rule(Operation):
    """Accept a proposal, which sets or clears the tag, or decline it. The proposer is told."""

    refusals = {"POST": ("not_allowed", "closed_meanwhile", "reading_only", "missing")}

    @extend_schema(operation_id="ruleOnTagProposal", request=RuleIn, responses=ProposalOut)
    def post(self, request: Request, proposal_id: int) -> Response:
        given = self.body(RuleIn)
        actions.rule(actor=self.actor, proposal_id=proposal_id, **given)
        return Response(ProposalOut(queries.get_proposal(self.actor, proposal_id)).data)


class Withdraw(Operation):
    """Take your own proposal back."""

    refusals = {"POST": ("closed_meanwhile",)}

    @extend_schema(operation_id="withdrawTagProposal", request=None, responses=ProposalOut)
    def post(self, request: Request, proposal_id: int) -> Response:
        actions.withdraw(actor=self.actor, proposal_id=proposal_id)
        return Response(ProposalOut(queries.get_proposal(self.actor, proposal_id)).data)
