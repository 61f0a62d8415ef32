"""Ends of access, for those who decide."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access import actions
from access.actions.decide import REASON_LIMIT
from access.api.shapes import DecidedOut, decided, wish_of
from hubgate.accounts.rest import Operation
from hubgate.http.rest import shapes


class ExtendIn(shapes.Body):
    """Another end."""

    ends_at = serializers.DateTimeField(allow_null=True, help_text="When access ends; null for never.")


class RefusalIn(shapes.Body):
    """Why access is not renewed."""

    reason = shapes.Text(max_length=REASON_LIMIT, trim_whitespace=False, help_text="The person reads it.")


class Extend(Operation):
    """Move the end of somebody's access; who asked to renew is answered by it. The same end again changes nothing."""

    refusals = {"POST": ("no_access", "not_allowed")}

    @extend_schema(operation_id="extendAccess", request=ExtendIn, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        wish = self.body(ExtendIn)
        moved = actions.extend(actor=self.actor, request_id=request_id, ends_at=wish_of(wish))
        return Response(decided(self.actor, moved))


class RefuseRenewal(Operation):
    """Leave the end of somebody's access as it is although they asked to renew."""

    refusals = {"POST": ("nothing_to_renew", "not_allowed")}

    @extend_schema(operation_id="refuseRenewal", request=RefusalIn, responses=DecidedOut)
    def post(self, request: Request, request_id: int) -> Response:
        wish = self.body(RefusalIn)
        left = actions.refuse_renewal(actor=self.actor, request_id=request_id, reason=wish["reason"])
        return Response(decided(self.actor, left))
