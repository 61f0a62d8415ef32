"""Named reads of namespaces and repositories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from hubgate.accounts import queries as accounts
from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.audit import queries as audit
from hubgate.audit import timeline
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.outbox import queries as outbox
from repos import rights, rules
from repos.comparison import Comparison, compare
from repos.models import FormVersion, HubWebhook, Namespace, Repository

PAGE = 25  # rows; a page of them stays under 60 kB
_FORM_VERSIONS = 20
# What a row shows; a card's texts may be 25 kB each and stay where they are (field report 17).
_ROW = (
    *("name", "kind", "gate", "private", "disabled", "nfaa", "missing_since", "seen_at"),
    *("card_errors", "card_warnings", "card_asks_for_gate", "namespace__name", "namespace__mirrored_at"),
)
_LISTED = (*_ROW, "license", "sha", "hub_modified_at", "former_names")


def namespaces(actor: Actor) -> QuerySet[Namespace]:
    """The actor's namespaces by name, and those whose first token they stored that never worked."""
    mine = rights.namespaces_of(actor).values("pk")
    tried = Q(connected_by_id=actor.user_id) if actor.user_id else Q(pk=None)
    return Namespace.objects.filter(Q(pk__in=mine) | tried).order_by(Lower("name"))


def get_namespace(actor: Actor, name: str) -> Namespace:
    """One of the actor's namespaces. NotFoundOrHiddenError for others and unknown ones alike."""
    found = namespaces(actor).filter(name__iexact=name).first() if rules.is_namespace_name(name) else None
    if found is None:
        raise NotFoundOrHiddenError(f"There is no namespace {name} that you run.")
    return found


def get_run_namespace(actor: Actor, name: str) -> Namespace:
    """One of the namespaces that the actor is an author of. NotFoundOrHiddenError for others and unknown ones alike."""
    found = get_namespace(actor, name)
    if not rights.may(actor, "view", found):
        raise NotFoundOrHiddenError(f"There is no namespace {name} that you run.")
    return found


def connectable(actor: Actor) -> list[str]:
    """The namespaces that the Hub calls the actor an admin of and that nobody has connected yet, their own first."""
    names = accounts.administered_by(actor.user_id) if actor.user_id else []
    taken = set(
        Namespace.objects.annotate(lowered=Lower("name"))
        .filter(lowered__in=[name.lower() for name in names])
        .values_list("lowered", flat=True)
    )
    return [name for name in names if name.lower() not in taken]


@dataclass(frozen=True)
class TokenCheck:
    """Whether the Hub is being asked about a token now, and when it is asked again (UTC) after it did not answer."""

    running: bool
    again_at: datetime | None


def token_check(namespace: Namespace) -> TokenCheck:
    """Where the check of a namespace's token stands."""
    state = outbox.states(rules.CHECK_TOKEN, [namespace.pk]).get(str(namespace.pk), outbox.SETTLED)
    waits = state.behind and bool(state.error)
    return TokenCheck(state.behind and not waits and not state.parked, state.due_at if waits else None)


@dataclass(frozen=True)
class NamespaceDetail:
    """A namespace for those who run it. `may_run`: whether the actor is its author, or only stored its first token."""

    namespace: Namespace
    check: TokenCheck
    may_run: bool
    authors: list[User]
    timeline: list[timeline.Line]


def namespace_detail(actor: Actor, name: str) -> NamespaceDetail:
    """One of the actor's namespaces with all that stands beside it."""
    namespace = get_namespace(actor, name)
    may_run = rights.may(actor, "view", namespace)
    authors = rights.authors_of(namespace).select_related("hub_identity").order_by("username")
    return NamespaceDetail(
        namespace=namespace,
        check=token_check(namespace),
        may_run=may_run,
        authors=list(authors) if may_run else [],
        timeline=timeline.of_namespace(namespace.pk, limit=50) if may_run else [],
    )


def webhook_of(namespace: Namespace) -> HubWebhook | None:
    """Where the Hub's webhook of a namespace is taken, if anywhere."""
    return HubWebhook.objects.filter(namespace=namespace).first()


def repositories(actor: Actor) -> QuerySet[Repository]:
    """The actor's repositories by name, each with its namespace and form."""
    return rights.visible_to(actor).select_related("namespace", "form").order_by("name")


@dataclass(frozen=True)
class RepositoryFilter:
    """What a list of repositories shows; empty values show all. `gate` is a gate word, `gated` (all but open) or
    `private`; `audience` is `nfaa` (those tagged “Not For All Eyes”), `not-nfaa` (the others) or `all`."""

    kind: str = ""
    gate: str = ""
    namespace: str = ""
    text: str = ""
    audience: str = ""


@dataclass(frozen=True)
class RepositoryPage:
    """One page of a list of repositories, by name; `number` counts from 1."""

    rows: list[Repository]
    number: int
    has_next: bool


def repository_page(actor: Actor, wanted: RepositoryFilter, *, number: int = 1) -> RepositoryPage:
    """One page of the actor's repositories that a filter lets through, in one query. Rows hold what a list shows, not
    the card's texts."""
    found = _matching(rights.visible_to(actor), wanted).select_related("namespace").only(*_ROW)
    start = (max(number, 1) - 1) * PAGE
    rows = list(found.order_by(Lower("name"), "pk")[start : start + PAGE + 1])
    return RepositoryPage(rows[:PAGE], max(number, 1), len(rows) > PAGE)


def _matching(found: QuerySet[Repository], wanted: RepositoryFilter) -> QuerySet[Repository]:
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.gate == "gated":
        found = found.exclude(gate=rules.OPEN)
    elif wanted.gate == "private":
        found = found.filter(private=True)
    elif wanted.gate:
        found = found.filter(gate=wanted.gate)
    if wanted.namespace:
        found = found.filter(namespace__name__iexact=wanted.namespace)
    if wanted.audience == "nfaa":
        found = found.filter(nfaa=True)
    elif wanted.audience == "not-nfaa":
        found = found.exclude(nfaa=True)
    for word in wanted.text.split()[:8]:
        found = found.filter(Q(name__icontains=word) | Q(former_names__icontains=word))
    return found


def get_visible(actor: Actor, repository_id: int) -> Repository:
    """One of the actor's repositories. NotFoundOrHiddenError for others and unknown ones alike."""
    found = repositories(actor).filter(pk=repository_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such repository, or it is not yours.")
    return found


def named(actor: Actor, name: str) -> list[Repository]:
    """The actor's repositories of this full name, by kind; those that once had it where none has it now (field reports
    27 and 40). NotFoundOrHiddenError where there is none."""
    mine = repositories(actor)
    found = list(mine.filter(name__iexact=name).order_by("kind"))
    if not found:
        once = mine.filter(former_names__icontains=name).order_by("kind", "pk")
        found = [each for each in once if name.lower() in (former.lower() for former in each.former_names)]
    if not found:
        raise NotFoundOrHiddenError(f"There is no repository {name} that is yours, and none that was called so.")
    return found


@dataclass(frozen=True)
class VersionsCompared:
    """Two versions of a form, the earlier one first, and what lies between them."""

    before: FormVersion
    after: FormVersion
    comparison: Comparison


def compare_versions(repository: Repository, first: int, second: int) -> VersionsCompared | None:
    """Two versions of a repository's form by number, in whichever order they are named; None where one is not
    there."""
    found = {version.number: version for version in repository.forms.filter(number__in=[first, second])}
    if first == second or len(found) < 2:
        return None
    before, after = found[min(first, second)], found[max(first, second)]
    return VersionsCompared(before, after, compare(_plain(before), _plain(after)))


def form_versions(repository: Repository) -> list[FormVersion]:
    """All versions of a repository's gate form, newest first."""
    return list(repository.forms.order_by("-number"))


@dataclass(frozen=True)
class FormChange:
    """A version of a gate form, and what it changed against the one before, a sentence each."""

    version: FormVersion
    changes: list[str]


def form_history(repository: Repository) -> list[FormChange]:
    """The newest versions of a repository's gate form and what each changed, newest first."""
    versions = list(repository.forms.order_by("-number")[: _FORM_VERSIONS + 1])
    told = [
        FormChange(version, rules.form_changes(_plain(earlier) if earlier else None, _plain(version)))
        for version, earlier in zip_longest(versions, versions[1:])
    ]
    return told[:_FORM_VERSIONS]


def _plain(version: FormVersion) -> rules.Form:
    return rules.Form(
        version.fields, version.heading, version.description, version.prompt, version.button, version.eu_disallowed
    )


@dataclass(frozen=True)
class CardState:
    """What is wrong with a repository's card: `loud` is that the gate it asks for is not set, `errors` keep it from
    being used, `warnings` are to be mended."""

    loud: rules.Notice | None
    errors: list[rules.Notice]
    warnings: list[rules.Notice]


def card_state(repository: Repository) -> CardState:
    """The card's errors and warnings, and whether the repository lacks the gate that its card asks for."""
    return CardState(
        rules.gate_not_set(
            repository.gate, card_asks_for_gate=repository.card_asks_for_gate, private=repository.private
        ),
        [rules.Notice(**note) for note in repository.card_errors],
        [rules.Notice(**note) for note in repository.card_warnings],
    )


@dataclass(frozen=True)
class RepositoryList:
    """Part of a list of repositories, by name; `older` and `newer` are cursors for what comes after and before it."""

    rows: Sequence[Repository]
    older: str
    newer: str


def repository_list(actor: Actor, wanted: RepositoryFilter, *, cursor: str = "", size: int = PAGE) -> RepositoryList:
    """Part of the actor's repositories by keyset, in one query: rows that come or go meanwhile shift nothing.
    InvalidInputError for a cursor that no list gave."""
    backwards, name, pk = _read_cursor(cursor)
    found = _matching(rights.visible_to(actor), wanted).annotate(lowered=Lower("name")).select_related("namespace")
    if pk and backwards:
        found = found.filter(Q(lowered__lt=name) | Q(lowered=name, pk__lt=pk))
    elif pk:
        found = found.filter(Q(lowered__gt=name) | Q(lowered=name, pk__gt=pk))
    order = ("-lowered", "-pk") if backwards else ("lowered", "pk")
    rows = list(found.only(*_LISTED).order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    before, after = (more, bool(rows)) if backwards else (bool(pk) and bool(rows), more)
    return RepositoryList(rows, _cursor("o", rows[-1]) if after else "", _cursor("n", rows[0]) if before else "")


def _cursor(direction: str, repository: Repository) -> str:
    return f"{direction}{repository.pk}-{repository.name.lower()}"


def _read_cursor(cursor: str) -> tuple[bool, str, int]:
    """Whether a cursor leads back, and beyond which name (in lower case) and id; id 0 at the beginning."""
    if not cursor:
        return False, "", 0
    number, dash, name = cursor[1:].partition("-")
    if cursor[0] not in "on" or not dash or not (number.isascii() and number.isdigit()) or len(number) > 18:
        raise InvalidInputError("That is no page of this list. Start again at its beginning.", code="bad_cursor")
    return cursor[0] == "n", name, int(number)


@dataclass(frozen=True)
class EventFeed:
    """Events by id, the oldest first; `next` is the cursor to go on with, now or later."""

    rows: list[AuditEvent]
    next: str


def all_events(
    actor: Actor, *, namespace: str = "", repository_id: int | None = None, chunk: int = 1000
) -> Iterator[AuditEvent]:
    """All that happened up to now, of one of the actor's repositories or namespaces, the oldest first; one query for
    each `chunk`, none of which stays open. NotFoundOrHiddenError as `events_after`, at once."""

    def after(cursor: str) -> EventFeed:
        return events_after(actor, cursor=cursor, namespace=namespace, repository_id=repository_id, limit=chunk)

    def read(feed: EventFeed) -> Iterator[AuditEvent]:
        while feed.rows:
            yield from feed.rows
            feed = after(feed.next)

    return read(after(""))


def events_after(
    actor: Actor, *, cursor: str = "", namespace: str = "", repository_id: int | None = None, limit: int
) -> EventFeed:
    """What happened in one of the actor's repositories, in one of their namespaces with all that is in it, or in all
    of them, from a cursor on. NotFoundOrHiddenError for a repository or namespace that is not theirs, InvalidInputError
    for a cursor that no feed gave."""
    digits = cursor or "0"
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        raise InvalidInputError("That is no place in this feed. Start again at its beginning.", code="bad_cursor")
    if repository_id is not None:
        found = audit.events_after(int(digits), repositories=[get_visible(actor, repository_id).pk], limit=limit)
    else:
        mine = [get_run_namespace(actor, namespace)] if namespace else rights.namespaces_of(actor)
        found = audit.events_after(int(digits), namespaces=[one.pk for one in mine], limit=limit)
    return EventFeed(found, str(found[-1].pk if found else int(digits)))
