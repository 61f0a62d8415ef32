"""Who calls: the bearer of a token, a person signed in on the pages, or a stranger."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from hubgate.localhub import messages
from hubgate.localhub.models import Account, Token


@dataclass(frozen=True)
class Caller:
    """`person` is None for a stranger; `token` is None for a person signed in with a cookie."""

    person: Account | None = None
    token: Token | None = None
    sent_credentials: bool = False

    @property
    def name(self) -> str:
        return self.person.name if self.person else ""


STRANGER = Caller()


def bearer(request: HttpRequest) -> Caller:
    """The caller by `Authorization: Bearer`. A token that nobody holds makes a stranger; an expired one is refused."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return STRANGER
    token = Token.objects.select_related("person").filter(secret=secret.strip()).first()
    if token is None:
        return Caller(sent_credentials=True)
    if token.expired:
        raise messages.unauthenticated()
    request.META["localhub.caller"] = token.person.name
    return Caller(token.person, token, True)


def session(request: HttpRequest) -> Caller:
    """The person signed in on the local Hub's own pages; session key `person` holds the account's `hub_id`."""
    hub_id = request.session.get("person") if request.COOKIES else None
    person = Account.objects.filter(hub_id=hub_id).first() if hub_id else None
    return Caller(person) if person else STRANGER


def either(request: HttpRequest) -> Caller:
    """The bearer of a token, or without one the person signed in on the pages: for files, which a browser opens too."""
    caller = bearer(request)
    return caller if caller.sent_credentials else session(request)


def known(caller: Caller) -> Account:
    """The caller's account; a stranger is refused with 401."""
    if caller.person is None:
        raise messages.unauthenticated()
    return caller.person
