"""Named reads of content tags, rulings, proposals and readers' choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from hubgate.actors import Actor
from hubgate.errors import NotFoundOrHiddenError
from hubgate.hub.card import NFAA_TAG, Lookalike, lookalikes
from hubgate.outbox import queries as outbox
from repos import queries as repo_queries
from repos import rights as repo_rights
from repos import rules as repo_rules
from repos.models import CardResults, Namespace, Repository
from repos.rules import CONTENT_TAG
from tagging import rights, rules
from tagging.models import ContentPreference, Evaluation, Proposal, Ruling, Tag

PAGE = 25
TAGGED_PAGE = 100
MOST_RULINGS = 50
MOST_EVALUATIONS = 50
_VIEWED = "viewed_repositories"  # of the session: those whose reader said yes
_LOOKALIKE = "nfaa_lookalike"


@dataclass(frozen=True)
class TagState:
    """A repository's tag on both sides. `is_set`: our word, or the card's where nobody ruled (None: not known yet);
    `hub`: the card's; `waits` while the Hub has not followed, `parked` once it refused, `error` says why.
    `looks` are tags and `looks_said` sentences about tags and keys that were meant as this one. `may`: the verbs of the
    actor, `is_ruler` whether they rule on it; `reading_only` why they cannot change it now, empty where they can."""

    repository: Repository
    is_set: bool | None
    hub: bool | None
    waits: bool
    parked: bool
    error: str
    ruling: Ruling | None
    commit_url: str
    looks: tuple[Lookalike, ...]
    looks_said: list[str]
    may: frozenset[str]
    is_ruler: bool
    reading_only: str

    @property
    def tagged(self) -> bool:
        """Whether readers are asked first."""
        return rules.is_tagged(self.is_set, self.hub)

    @property
    def is_mistaken(self) -> bool:
        """Whether something in the card was meant as the tag, and the tag is not there."""
        return not self.tagged and bool(self.looks or self.looks_said)


def get_visible(actor: Actor, repository_id: int) -> Repository:
    """A repository whose tag the actor may see. NotFoundOrHiddenError for others and unknown ones alike."""
    found = rights.visible_to(actor).select_related("namespace").filter(pk=repository_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such repository, or it is not for you to see.")
    return found


def find(actor: Actor, text: str) -> list[Repository]:
    """The repositories of a name, or of an address on the Hub, whose tag the actor may see: models, datasets and spaces
    may share one. An empty list where there is none."""
    name = rules.repository_name(text)
    if name is None:
        return []
    return list(rights.visible_to(actor).filter(name__iexact=name).order_by("kind")[:3])


def state_of(actor: Actor, repository: Repository) -> TagState:
    """Where a repository's tag stands, as the actor sees it."""
    tag = _tag_of(actor, repository)
    waits = tag is not None and tag.waits
    pushes = outbox.states(CONTENT_TAG, [repository.pk]) if waits else {}
    push = pushes.get(str(repository.pk), outbox.SETTLED)
    runs = repo_queries.runs(actor, repository.namespace)
    may = rights.VERBS[repo_rights.AUTHOR] if runs else rights.verbs_of(actor, repository)
    is_ruler = "rule" in may
    namespace = repository.namespace
    return TagState(
        repository=repository,
        is_set=tag.is_set if tag else repository.nfaa,
        hub=repository.nfaa,
        waits=waits,
        parked=waits and push.parked,
        error=push.error if waits else "",
        ruling=tag.ruling if tag else None,
        commit_url=tag.commit_url if tag and not tag.waits else "",
        looks=lookalikes(repository.tags),
        looks_said=[note["message"] for note in repository.card_warnings if note["code"] == _LOOKALIKE],
        may=may,
        is_ruler=is_ruler,
        reading_only=_reading_only(actor, namespace) if is_ruler else "",
    )


def sees_repository(actor: Actor, repository: Repository) -> bool:
    """Whether the other pages of a repository are for the actor too."""
    return repo_rights.visible_to(actor).filter(pk=repository.pk).exists()


def runs_namespace(actor: Actor, repository: Repository) -> bool:
    """Whether the page of a repository's namespace is for the actor."""
    return repo_queries.runs(actor, repository.namespace)


def _reading_only(actor: Actor, namespace: Namespace) -> str:
    if not namespace.changes_enabled:
        return repo_rules.reading_only(namespace.name)
    return repo_rights.factor_due(namespace).message if repo_rights.lacks_factor(actor, namespace) else ""


def rulings(repository: Repository) -> list[Ruling]:
    """How a repository's tag was ruled on, newest first: for everybody who sees it."""
    return list(repository.tag_rulings.order_by("-made_at", "-pk")[:MOST_RULINGS])


def open_proposals(repository: Repository) -> int:
    """How many proposals for a repository are open."""
    return repository.tag_proposals.filter(status=Proposal.Status.OPEN).count()


def own_open(actor: Actor, repository: Repository) -> Proposal | None:
    """The actor's open proposal for a repository, if there is one."""
    mine = repository.tag_proposals.filter(proposer_id=actor.user_id, status=Proposal.Status.OPEN)
    return mine.first() if actor.user_id else None


def get_proposal(actor: Actor, proposal_id: int) -> Proposal:
    """A proposal with its evidence, for those who rule on it and for its proposer. NotFoundOrHiddenError for others and
    unknown ones alike."""
    found = _with_all(rights.proposals_visible_to(actor)).filter(pk=proposal_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such proposal, or it is not for you to read.")
    return found


def to_rule(actor: Actor) -> list[Proposal]:
    """The open proposals that the actor rules on, oldest first, a page of them."""
    return list(_with_all(rights.to_rule_by(actor)).order_by("made_at", "pk")[:PAGE])


def count_to_rule(actor: Actor, *, most: int = 99) -> int:
    """How many open proposals the actor rules on, counted up to `most` + 1."""
    return rights.to_rule_by(actor).order_by()[: most + 1].count()


def own(actor: Actor) -> list[Proposal]:
    """What the actor proposed, newest first, a page of it."""
    mine = Proposal.objects.filter(proposer_id=actor.user_id) if actor.user_id else Proposal.objects.none()
    return list(_with_all(mine).order_by("-made_at", "-pk")[:PAGE])


def parked(actor: Actor) -> list[Tag]:
    """Words of ours that the Hub refused, on the actor's repositories."""
    mine = Tag.objects.filter(waits=True, repository__namespace__in=rights.rulers_namespaces(actor))
    found = list(mine.select_related("repository__namespace"))
    states = outbox.states(CONTENT_TAG, [tag.repository_id for tag in found])
    return [tag for tag in found if states.get(str(tag.repository_id), outbox.SETTLED).parked]


@dataclass(frozen=True)
class TaggedRow:
    """A tagged repository. `ruling` is who set it here or saw it set on the Hub; None where the tag was in the card
    before. `clearing`: it was cleared here and the card does not say so yet."""

    repository: Repository
    ruling: Ruling | None
    clearing: bool


def tagged(actor: Actor, *, number: int = 1) -> tuple[list[TaggedRow], bool]:
    """One page (counted from 1) of the tagged repositories whose tag the actor rules on, by name, and whether more
    follow. Two queries."""
    mine = Repository.objects.filter(namespace__in=repo_rights.namespaces_of(actor, rights.RULERS), missing_since=None)
    ours = Tag.objects.filter(repository=OuterRef("pk"), tag=NFAA_TAG, is_set=True)
    found = mine.filter(Q(nfaa=True) | Exists(ours)).select_related("namespace").defer("card_warnings", "card_errors")
    start = (max(number, 1) - 1) * TAGGED_PAGE
    page = list(found.order_by("name", "pk")[start : start + TAGGED_PAGE + 1])
    rows = page[:TAGGED_PAGE]
    words = {
        tag.repository_id: tag
        for tag in Tag.objects.select_related("ruling").filter(repository__in=[row.pk for row in rows], tag=NFAA_TAG)
    }
    return [
        TaggedRow(
            repository,
            words[repository.pk].ruling if repository.pk in words else None,
            repository.pk in words and not words[repository.pk].is_set,
        )
        for repository in rows
    ], len(page) > TAGGED_PAGE


def evaluations_of(repository: Repository) -> list[Evaluation]:
    """What is attached to a repository, the newest first: for everybody who sees it."""
    return list(repository.evaluations.filter(removed_at=None).order_by("-made_at", "-pk")[:MOST_EVALUATIONS])


def count_evaluations(repository: Repository) -> int:
    """How many evaluations are attached to a repository."""
    return repository.evaluations.filter(removed_at=None).count()


def get_evaluation(actor: Actor, evaluation_id: int) -> Evaluation:
    """One that is attached to a repository that the actor sees. NotFoundOrHiddenError for others alike."""
    attached = Evaluation.objects.filter(removed_at=None, repository__in=rights.visible_to(actor).values("pk"))
    found = attached.select_related("repository").filter(pk=evaluation_id).first()
    if found is None:
        raise NotFoundOrHiddenError("There is no such evaluation, or it is not for you to see.")
    return found


def card_results(repository: Repository) -> int:
    """How many numbers the card's `model-index` holds."""
    held = CardResults.objects.filter(repository=repository).values_list("results", flat=True).first()
    return len(held or [])


def choice_of(actor: Actor) -> str:
    """What the actor chose about tagged repositories: `hide`, `warn` (also who never chose) or `show`."""
    if actor.user_id is None:
        return rules.WARN
    if "content_choice" not in actor.known:
        chosen = ContentPreference.objects.filter(user_id=actor.user_id).values_list("choice", flat=True).first()
        actor.known["content_choice"] = chosen or rules.WARN
    return str(actor.known["content_choice"])


def asks_first(actor: Actor, repository: Repository, session: Mapping[str, Any]) -> bool:
    """Whether a page asks the actor before it shows a repository's own words; `session` remembers a yes."""
    tag = _tag_of(actor, repository)
    tagged = rules.is_tagged(tag.is_set if tag else None, repository.nfaa)
    viewed = repository.pk in viewed_in(session)
    return tagged and rules.asks_first(tagged=tagged, choice=choice_of(actor), viewed=viewed)


def viewed_in(session: Mapping[str, Any]) -> list[int]:
    """The repositories whose content the reader of this session said yes to, by id."""
    return [number for number in session.get(_VIEWED, []) if isinstance(number, int)]


def with_viewed(session: Mapping[str, Any], repository_id: int) -> tuple[str, list[int]]:
    """What a session remembers once its reader said yes to a repository too: name and value."""
    return _VIEWED, [*(number for number in viewed_in(session) if number != repository_id), repository_id][-200:]


def _tag_of(actor: Actor, repository: Repository) -> Tag | None:
    """Our word on a repository's tag, read once for the parts of one page."""
    known = actor.known.setdefault("content_tags", {})
    if repository.pk not in known:
        known[repository.pk] = Tag.objects.select_related("ruling").filter(repository=repository, tag=NFAA_TAG).first()
    found: Tag | None = known[repository.pk]
    return found


def _with_all(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    return proposals.select_related("repository__namespace", "proposer", "ruling")
