"""Who has which role in a namespace: listed, given, taken away."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts import scopes
from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes
from repos import actions, people
from repos.actions.people import REASON_LIMIT
from repos.models import Role
from repos.people import Held, Invited
from repos.role_words import WORDS

_SOURCES = ("hub", "token", "named")
_STATES = (people.ON_ITS_WAY, people.SENT, people.NOT_ARRIVED, people.ACCEPTED, people.TAKEN_BACK, people.OVER)


class RoleOut(serializers.Serializer[Any]):
    """A role that somebody has."""

    id = serializers.IntegerField(allow_null=True, help_text="null for one that the Hub gives.")
    username = serializers.CharField(help_text="On the Hub, as far as it is known.")
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=tuple(WORDS))
    repository_id = serializers.IntegerField(allow_null=True, help_text="null: for the whole namespace.")
    comes_from = serializers.ChoiceField(choices=_SOURCES, help_text="`hub`: admin there; `token`: proven by one.")
    given_by = serializers.CharField(help_text="Empty unless `named`.")
    given_at = serializers.DateTimeField(allow_null=True)


class EndedOut(serializers.Serializer[Any]):
    """A role that was taken away."""

    id = serializers.IntegerField(source="pk")
    ended_at = serializers.DateTimeField()
    ended_by = serializers.CharField(source="ended_by_label")
    reason = serializers.CharField(source="end_reason")


class InvitationOut(serializers.Serializer[Any]):
    """A role that was offered by mail."""

    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=tuple(WORDS))
    repository_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=_STATES)
    address = serializers.CharField(
        allow_null=True, help_text="For authors, with the scope `personal`; null once it is dropped."
    )
    made_by = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class PeopleOut(serializers.Serializer[Any]):
    """Everybody with a role in a namespace, authors first, and who was invited, the newest first."""

    roles = RoleOut(many=True)
    invitations = InvitationOut(many=True)


class RoleIn(shapes.Body):
    """Somebody to be named."""

    username = shapes.Text(max_length=200, help_text="On the Hub; they have signed in here before.")
    role = serializers.ChoiceField(choices=tuple(WORDS), help_text="Nobody can be named author.")
    repository_id = shapes.Id(required=False, allow_null=True, default=None, help_text="null: the whole namespace.")


class EndIn(shapes.Body):
    """Why a role is taken away."""

    reason = shapes.Text(max_length=REASON_LIMIT, help_text="The person reads it.")


class People(Operation):
    """The people of a namespace, for its authors and reviewers."""

    scopes = {"POST": scopes.PEOPLE}
    refusals = {"POST": ("not_allowed", "has_role", "second_factor_due")}

    @extend_schema(operation_id="listPeople", responses=PeopleOut)
    def get(self, request: Request, name: str) -> Response:
        found = people.people(self.actor, name)
        addresses = found.may_name and self.personal
        return Response(
            {
                "roles": [_held(one) for one in found.held],
                "invitations": [_invited(one, address=addresses) for one in found.invited],
            }
        )

    @extend_schema(operation_id="giveRole", request=RoleIn, responses={201: RoleOut})
    def post(self, request: Request, name: str) -> Response:
        """Name somebody, for the whole namespace or for one repository. They are told."""
        wish = self.body(RoleIn)
        given = actions.give_role(
            actor=self.actor,
            namespace=name,
            username=wish["username"],
            role=wish["role"],
            repository_id=wish["repository_id"],
        )
        return Response(_given(given), 201)


class EndRole(Operation):
    """Take a role away. Its rights end at once, for access tokens too."""

    scopes = {"POST": scopes.PEOPLE}
    refusals = {"POST": ("not_allowed", "role_ended", "last_author", "second_factor_due")}

    @extend_schema(operation_id="endRole", request=EndIn, responses=EndedOut)
    def post(self, request: Request, name: str, role_id: int) -> Response:
        reason = self.body(EndIn)["reason"]
        ended = actions.take_role(actor=self.actor, namespace=name, role_id=role_id, reason=reason)
        return Response(EndedOut(ended).data)


def _given(role: Role) -> dict[str, Any]:
    source = "named" if role.given_by_label else "token"
    return _held(
        Held(role.pk, role.user, role.name, role.repository, source, role.given_by_label, role.given_at, False)
    )


def _held(one: Held) -> dict[str, Any]:
    return {
        "id": one.role_id,
        "username": people.username_of(one.user),
        "name": str(one.user),
        "role": one.role,
        "repository_id": one.repository.pk if one.repository else None,
        "comes_from": one.source,
        "given_by": one.given_by,
        "given_at": one.since,
    }


def _invited(one: Invited, *, address: bool) -> dict[str, Any]:
    invitation = one.invitation
    return {
        "id": invitation.pk,
        "role": invitation.role,
        "repository_id": invitation.repository_id,
        "state": one.state,
        "address": (one.address or None) if address else None,
        "made_by": invitation.made_by_label,
        "made_at": invitation.made_at,
        "expires_at": invitation.expires_at,
    }
