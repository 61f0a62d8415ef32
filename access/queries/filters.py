"""What narrows a list of access requests, as plain data and as a question to the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from access import rules, states
from access.models import AccessRequest
from access.queries.renewals import open_renewals
from access.queries.scope import scope
from hubgate.accounts.models import HubIdentity
from hubgate.actors import Actor

ME = "me"
NOBODY = "nobody"


@dataclass(frozen=True)
class Filter:
    """What an inbox shows: a status ("" for all), repositories by id, and free text over people and answers. Of
    countries (ISO 3166 alpha-2), verified organisations, mail domains and mail kinds (`rules.MailKind`) any one has to
    fit. `older` and `newer` are days: asked longer ago than that, asked within them. `assigned` is `me`, `nobody` or
    the id of an account. `ends` is days: access ends within them. `renewal`: somebody asks to renew, and nobody has
    ruled on it. What is empty or 0 narrows nothing."""

    status: str = states.PENDING
    repositories: tuple[int, ...] = ()
    text: str = ""
    countries: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    older: int = 0
    newer: int = 0
    assigned: str = ""
    ends: int = 0
    renewal: bool = False

    @property
    def usual_status(self) -> str:
        """The status that a list has whose address names none: what waits; all, looking for words; of ends of access,
        who has access."""
        if self.text:
            return ""
        return states.ACCEPTED if self.ends or self.renewal else states.PENDING


def matching(actor: Actor, wanted: Filter) -> QuerySet[AccessRequest]:
    """The actor's requests that a filter lets through, in no order."""
    ids = [pk for pk, repository in scope(actor).items() if repository.asked]
    if wanted.repositories:
        ids = [pk for pk in ids if pk in wanted.repositories]
    found = AccessRequest.objects.filter(repository__in=ids)
    if wanted.status:
        found = found.filter(status=wanted.status)
    if wanted.countries:
        found = found.filter(country__in=wanted.countries)
    if wanted.organisations:
        one_of = Q()
        for name in wanted.organisations:
            one_of |= Q(organisations__contains=f"|{name.lower()}|")
        found = found.exclude(organisations="").filter(one_of)  # as the partial index has it
    if wanted.domains:
        found = found.filter(email_domain__in=[name.lower() for name in wanted.domains])
    if wanted.mail:
        found = found.filter(email_kind__in=wanted.mail)
    now = timezone.now()
    if wanted.older:
        found = found.filter(asked_at__lt=now - timedelta(days=wanted.older))
    if wanted.newer:
        found = found.filter(asked_at__gte=now - timedelta(days=wanted.newer))
    if wanted.ends:
        found = found.filter(ends_at__lte=now + timedelta(days=wanted.ends))
    if wanted.renewal:
        found = found.filter(pk__in=open_renewals().values("request"))
    if wanted.assigned == NOBODY:
        found = found.filter(assigned_to=None)
    elif wanted.assigned:
        found = found.filter(assigned_to=actor.user_id if wanted.assigned == ME else int(wanted.assigned))
    return _with_words(actor, found, ids, wanted.text) if wanted.text else found


def _with_words(actor: Actor, found: QuerySet[AccessRequest], ids: list[int], text: str) -> QuerySet[AccessRequest]:
    """Each word has to occur, as `rules.search_words` says where. The names of repositories are looked through here:
    there are few, and a join would keep the database from its index of the texts."""
    words = rules.search_words(text)
    for word in words.anywhere:
        named = {pk for pk in ids if word in scope(actor)[pk].name.lower()}
        if len(named) == len(ids):
            continue
        in_text = Q(search_text__contains=word)
        found = found.filter(in_text | Q(repository__in=sorted(named)) if named else in_text)
    for word in words.beginnings:
        people = HubIdentity.objects.annotate(lowered=Lower("username"), lowered_name=Lower("fullname"))
        begins = people.filter(Q(lowered__startswith=word) | Q(lowered_name__startswith=word))
        found = found.filter(person__in=begins)
    return found
