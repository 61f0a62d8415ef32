"""What the description of the API (OpenAPI 3.1) says of an operation, read from its class."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from hubgate.http.rest import problems


class Problem(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.CharField(help_text="`urn:hubgate:problem:` and the code.")
    title = serializers.CharField(help_text="The kind of problem, the same each time.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, and what you can do: a sentence for people.")
    code = serializers.CharField(help_text="What a program decides on; it never changes.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a member of the document, not of the class
        child=serializers.CharField(), required=False, help_text="What does not fit: name → sentence."
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Facts of this case, such as the status now."
    )


class OperationSchema(AutoSchema):
    """Adds to each operation what all have: refusals with their codes, the scope, headers, the place in a list."""

    def get_override_parameters(self) -> list[Any]:
        parameters: list[Any] = []
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="Sent again with the same key within 24 hours, the call gets the same answer and does "
                    "nothing more. A new UUID for each call is a good key.",
                )
            )
        return parameters

    def get_description(self) -> str:  # type: ignore[override]  # as its own base class has it
        text = str(super().get_description() or "").strip()
        if getattr(self.view, "open_to_all", False):
            return text
        return f"{text}\n\nA token needs the scope `{self._scope()}`."

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        found = super()._get_response_bodies(direction)
        for status, codes in self._refusals().items():
            told = "; ".join(f"`{code}`: {problems.kinds()[code].title}" for code in codes)
            refusal = OpenApiResponse(Problem, f"{told}.")
            found[str(status)] = self._get_response_for_code(refusal, str(status), [problems.CONTENT_TYPE], direction)
        return found

    def _scope(self) -> str:
        operation: Any = self.view
        return str(operation.scope_of(self.method))

    def _refusals(self) -> dict[int, list[str]]:
        method = self.method
        codes = ["not_acceptable", "throttled"]
        if not getattr(self.view, "open_to_all", False):
            codes += ["not_signed_in", "token_unknown", "token_expired", "token_revoked", "account_closed"]
            codes += ["insufficient_scope", "csrf_failed"] if method != "GET" else ["insufficient_scope"]
        if method == "POST":
            codes += ["bad_idempotency_key", "call_under_way", "idempotency_key_reused"]
        if method in ("POST", "PUT") and self.get_request_serializer() is not None:
            codes += ["bad_json", "invalid_input", "too_large", "unsupported_media_type"]
        if "{" in self.path:
            codes.append("not_found")
        codes += getattr(self.view, "refusals", {}).get(method, ())
        by_status: dict[int, list[str]] = defaultdict(list)
        for code in dict.fromkeys(codes):
            by_status[problems.kinds()[code].status].append(code)
        return dict(sorted(by_status.items()))
