"""The class that every operation of the REST door is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from rest_framework.exceptions import AuthenticationFailed, MethodNotAllowed, NotAuthenticated, Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from hubgate.accounts import scopes
from hubgate.accounts.models import AccessToken, User
from hubgate.accounts.queries import actor_of
from hubgate.accounts.rest import once
from hubgate.accounts.rest.authentication import REALM, BrowserAuthentication, TokenAuthentication
from hubgate.actors import Actor
from hubgate.errors import NotAllowedError
from hubgate.http.rest import json, problems, throttles
from hubgate.http.rest.schema import OperationSchema

Values = dict[str, Any]
S = TypeVar("S", bound=BaseSerializer[Any])


class Operation(APIView):
    """An address of the API. A subclass has a method for each HTTP method; it reads its input with `body` or `query`,
    calls queries and at most one action, and gives a `Response`. `scopes` are what a token needs for each method,
    `refusals` the codes that each method may answer beside those that all have: the description names them."""

    authentication_classes = [TokenAuthentication, BrowserAuthentication]
    permission_classes = []
    throttle_classes = []
    parser_classes = [json.Parser]
    renderer_classes = [json.Renderer]
    schema = OperationSchema()
    http_method_names = ["get", "head", "post", "put", "delete"]
    scopes: ClassVar[Mapping[str, str]] = {}
    refusals: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    open_to_all: ClassVar[bool] = False

    _standing: throttles.Standing | None = None

    @property
    def actor(self) -> Actor:
        """Who calls."""
        return actor_of(self.request.user)

    @property
    def personal(self) -> bool:
        """Whether the call may read personal data, as far as its token goes; the person's rights come on top."""
        return self._covers(scopes.PERSONAL)

    def query(self, kind: type[S]) -> Values:
        """The parameters of the address, checked. ValidationError names those that do not fit."""
        return self._read(kind, self.request.query_params)

    def body(self, kind: type[S]) -> Values:
        """The body, checked. An empty body is an empty object."""
        return self._read(kind, self.request.data or {})

    @classmethod
    def scope_of(cls, method: str) -> str:
        """The scope that a token needs for an HTTP method."""
        known = "GET" if method == "HEAD" else method
        return cls.scopes.get(known, scopes.READ if known == "GET" else scopes.DECIDE)

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return problems.answer

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
            handler = getattr(self, str(self.request.method).lower())
            response = once.carry_out(
                self.request, lambda: handler(self.request, *args, **kwargs), refused=self.handle_exception
            )
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who calls and how often, before what they ask for: a stranger learns nothing of it."""
        self.format_kwarg = None
        renderer, media_type = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = renderer, media_type
        try:
            self.perform_authentication(request)
        except AuthenticationFailed:
            self._count(f"a{request.META.get('REMOTE_ADDR', '')}", signed_in=False)
            raise
        signed_in = isinstance(request.user, User)
        who = f"u{request.user.pk}" if signed_in else f"a{request.META.get('REMOTE_ADDR', '')}"
        self._count(who, signed_in=signed_in)
        if not signed_in and not self.open_to_all:
            raise NotAuthenticated("Sign in, or send an access token as “Authorization: Bearer hgt_…”.")
        method = str(request.method)
        if not hasattr(self, method.lower()) or method.lower() not in self.http_method_names:
            raise MethodNotAllowed(method, f"{method} does not exist here: {', '.join(self.allowed_methods)} do.")
        scope = self.scope_of(method)
        if not self._covers(scope) and not self.open_to_all:
            raise _MissingScopeError(scope)
        length = str(request.META.get("CONTENT_LENGTH") or 0)
        if not length.isdecimal() or int(length) > problems.MOST_BYTES:
            raise problems.TooLarge

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        finished = super().finalize_response(request, response, *args, **kwargs)
        if self._standing is not None:
            for name, value in self._standing.headers.items():
                finished[name] = value
        finished["Cache-Control"] = "no-store"
        return finished

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        if isinstance(exc, _MissingScopeError):
            response["WWW-Authenticate"] = f'{REALM}, error="insufficient_scope", scope="{exc.data["scope"]}"'
        return response

    def _covers(self, scope: str) -> bool:
        token = self.request.auth
        return not isinstance(token, AccessToken) or scope in token.scopes

    def _count(self, who: str, *, signed_in: bool) -> None:
        self._standing = throttles.count_call(who, signed_in=signed_in)
        if self._standing is not None and self._standing.over:
            seconds = self._standing.seconds
            raise Throttled(seconds, "You called too often.")

    @staticmethod
    def _read(kind: type[S], data: Any) -> Values:
        reader = kind(data=data)
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)


class _MissingScopeError(NotAllowedError):
    default_code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This access token may not do that: it lacks the scope “{scope}”.", data={"scope": scope})
