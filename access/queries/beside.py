"""What stands beside a request while somebody decides: notes, who else is there, others like it. All of it is read
through requests that the reader may see, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from access import facts, messages, rights, rules, similarity, states
from access.models import AccessRequest, Note, Viewing
from access.queries.request import is_concealed
from access.subjects import full_name
from hubgate.accounts.models import User
from hubgate.actors import Actor
from repos import rights as repo_rights
from repos import rules as repo_rules
from repos.models import Repository

NEWEST = 1_000  # of a repository, searched for the same organisation
COMPARED = 200  # decided requests of a repository, looked through for those most alike
_COMPARED_OF = 500  # the newest of a repository that these are taken from
_OTHERS = 5
_SIBLINGS = 6


@dataclass(frozen=True)
class Other:
    """Another person's request."""

    id: int
    name: str
    repository: str
    status: str
    asked_at: datetime
    reason: str = ""
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Viewer:
    """Somebody else who has the request open; `deciding`: they are writing a reason."""

    name: str
    deciding: bool


@dataclass(frozen=True)
class Beside:
    """All that stands beside one request."""

    account_made_at: datetime | None
    typed_addresses: list[str]
    other_addresses: list[str]
    same_organisation: list[Other]
    alike: list[Other]
    not_asked: list[Repository]  # gated ones of the same namespace; one more than shown tells that there are more
    notes: list[Note]
    reviewers: list[User]
    viewers: list[Viewer]


def beside(actor: Actor, request: AccessRequest) -> Beside:
    """Everything beside a request that `queries.detail` gave."""
    if is_concealed(actor, request):
        return _outside(actor, request)
    fields = request.form.fields if request.form else []
    typed = facts.typed_addresses(fields, request.answers)
    return Beside(
        account_made_at=facts.account_made_at(request.person.hub_id if request.person else None, timezone.now()),
        typed_addresses=typed,
        other_addresses=facts.other_addresses(typed, request.email),
        same_organisation=_same_organisation(actor, request),
        alike=_alike(request),
        not_asked=_not_asked(actor, request),
        notes=_notes(request),
        reviewers=reviewers(request),
        viewers=viewers(actor, request.pk),
    )


def _outside(actor: Actor, request: AccessRequest) -> Beside:
    """What an auditor reads beside a request: nothing that was taken from its answers or its address."""
    return Beside(
        account_made_at=facts.account_made_at(request.person.hub_id if request.person else None, timezone.now()),
        typed_addresses=[],
        other_addresses=[],
        same_organisation=[],
        alike=[],
        not_asked=[],
        notes=[],
        reviewers=reviewers(request),
        viewers=viewers(actor, request.pk),
    )


def notes(actor: Actor, request: AccessRequest) -> list[Note]:
    """The notes on a request, the oldest first. NotAllowedError for who does not decide there: they may repeat what was
    answered."""
    rights.require(actor, "personal", request.repository)
    return _notes(request)


def _notes(request: AccessRequest) -> list[Note]:
    return list(request.notes.order_by("created_at", "pk"))


def reviewers(request: AccessRequest) -> list[User]:
    """Who decides for the repository of a request, by name."""
    return sorted(rights.reviewers_of(request.repository), key=lambda user: str(user).lower())


def viewers(actor: Actor, request_id: int) -> list[Viewer]:
    """Who else has a request open just now."""
    found = (
        Viewing.objects.filter(request_id=request_id, seen_at__gte=timezone.now() - rules.VIEWING)
        .exclude(user_id=actor.user_id or 0)
        .select_related("user")
        .order_by("user_id")
    )
    return [Viewer(str(viewing.user), viewing.deciding) for viewing in found]


def _same_organisation(actor: Actor, request: AccessRequest) -> list[Other]:
    """The newest requests of others from the same institution: the same institutional mail domain, or the same verified
    organisation among the newest of this repository."""
    alike = Q()
    if request.email_kind == rules.MailKind.INSTITUTIONAL:
        alike |= Q(email_kind=rules.MailKind.INSTITUTIONAL, email_domain=request.email_domain)
    found: dict[int, AccessRequest] = {}
    if alike:
        same = rights.visible_to(actor, "personal").filter(alike)
        found |= {other.pk: other for other in _of_others(same, request)[:_OTHERS]}
    organisations = [name for name in request.organisations.split("|") if name]
    if organisations:
        named = Q()
        for name in organisations[:5]:
            named |= Q(organisations__contains=f"|{name}|")
        near = AccessRequest.objects.filter(pk__in=_newest(request, NEWEST)).filter(named)
        found |= {other.pk: other for other in _of_others(near, request)[:_OTHERS]}
    newest = sorted(found.values(), key=lambda other: other.asked_at, reverse=True)[:_OTHERS]
    return [_other(other) for other in newest]


def _of_others(found: QuerySet[AccessRequest], request: AccessRequest) -> QuerySet[AccessRequest]:
    if request.person_id:
        found = found.exclude(person=request.person_id)
    return (
        found.exclude(pk=request.pk)
        .select_related("repository", "person")
        .only("status", "asked_at", "repository__name", "person__username", "person__fullname")
        .order_by("-asked_at", "-pk")
    )


def _newest(request: AccessRequest, number: int) -> QuerySet[AccessRequest, int]:
    return (
        AccessRequest.objects.filter(repository=request.repository_id)
        .order_by("-asked_at", "-pk")
        .values_list("pk", flat=True)[:number]
    )


def _alike(request: AccessRequest) -> list[Other]:
    """The decided requests of the same repository that are most like this one (`access.similarity`)."""
    fields = request.form.fields if request.form else []
    labels = [str(question["label"]) for question in fields if question["type"] == "text"]
    decided = (
        AccessRequest.objects.filter(pk__in=_newest(request, _COMPARED_OF), status__in=states.DECIDED)
        .exclude(pk=request.pk)
        .select_related("repository", "person")
        .only(
            "status", "asked_at", "reason", "answers", "email_domain", "email_kind", "organisations", "country",
            "repository__name", "person__username", "person__fullname",
        )
        .order_by("-asked_at", "-pk")[:COMPARED]
    )  # fmt: skip
    others = {other.pk: other for other in decided if not request.person_id or other.person_id != request.person_id}
    likenesses = similarity.most_alike(_asked(request, labels), [_asked(other, labels) for other in others.values()])
    return [_other(others[likeness.id], shared=likeness.shared) for likeness in likenesses]


def _asked(request: AccessRequest, labels: Sequence[str]) -> similarity.Asked:
    answers = [request.answers[label] for label in labels if label in request.answers] or request.answers.values()
    institutional = request.email_kind == rules.MailKind.INSTITUTIONAL
    return similarity.Asked(
        id=request.pk,
        text="\n".join(answers),
        domain=request.email_domain if institutional else "",
        organisations=frozenset(name for name in request.organisations.split("|") if name),
        country=request.country,
    )


def _other(other: AccessRequest, *, shared: tuple[str, ...] = ()) -> Other:
    return Other(
        id=other.pk,
        name=full_name(other),
        repository=other.repository.name,
        status=other.status,
        asked_at=other.asked_at,
        reason=other.reason if shared else "",
        shared=shared,
    )


def _not_asked(actor: Actor, request: AccessRequest) -> list[Repository]:
    """Gated repositories of the same namespace that this person has not asked for (field report 27)."""
    if request.person_id is None:
        return []
    asked = AccessRequest.objects.filter(repository=OuterRef("pk"), person=request.person_id)
    found = (
        repo_rights.visible_to(actor)
        .filter(namespace=request.repository.namespace_id, missing_since=None)
        .exclude(gate=repo_rules.OPEN)
        .exclude(Exists(asked))
    )
    return list(found.only("name").order_by("name")[: _SIBLINGS + 1])


def stand(request: AccessRequest) -> str:
    """How a request stands, as one word that changes with each decision."""
    return f"{request.status}@{request.decided_at.isoformat() if request.decided_at else ''}"


def meanwhile(actor: Actor, request: AccessRequest) -> str:
    """What became of a request since somebody opened it."""
    own = request.decided_by_id is not None and request.decided_by_id == actor.user_id
    who = "You" if own else request.decided_by_label or "Somebody"
    age = timezone.now() - request.decided_at if request.decided_at else None
    return messages.meanwhile(request.status, who, age)
