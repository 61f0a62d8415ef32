"""The only writer of how people want to be told. What waits for a digest follows the new choice at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from hubgate.notify import catalogue, places, rules
from hubgate.notify.models import Choice, Notification, Reader
from hubgate.notify.places import Place
from hubgate.notify.queries import preferences_of, waiting_for

_AT_ONCE = 500


def choose(*, actor: Actor, paces: Mapping[str, str], zone: str, daily_hour: int) -> None:
    """Set how soon the actor is told of each topic (key → pace), and when their day's digest comes. InvalidInputError
    for a zone, hour, topic or pace that does not exist."""
    _check(paces, paces.values(), zone, daily_hour)
    user_id = _user_id(actor)
    with transaction.atomic(durable=True):
        _lock(user_id)
        Reader.objects.update_or_create(
            user_id=user_id, defaults={"zone": zone, "zone_chosen": True, "daily_hour": daily_hour}
        )
        for topic, pace in paces.items():
            Choice.objects.update_or_create(
                user_id=user_id, topic=topic, scope=rules.EVERYWHERE, defaults={"pace": pace}
            )
        _follow(user_id)


def add_exception(*, actor: Actor, place: Place, topic: str, pace: str) -> None:
    """Set how soon the actor is told of a topic (or of all, by `rules.ALL_TOPICS`) in one place. An exception for the
    same is replaced."""
    _check([topic] if topic else [], [pace])
    user_id = _user_id(actor)
    with transaction.atomic(durable=True):
        _lock(user_id)
        Choice.objects.update_or_create(user_id=user_id, topic=topic, scope=place.scope, defaults={"pace": pace})
        _follow(user_id)


def remove_exception(*, actor: Actor, choice_id: int) -> None:
    """Be told there as everywhere again. NotFoundOrHiddenError unless it is the actor's own exception."""
    user_id = _user_id(actor)
    with transaction.atomic(durable=True):
        _lock(user_id)
        mine = Choice.objects.filter(pk=choice_id, user_id=user_id).exclude(scope=rules.EVERYWHERE)
        if not mine.delete()[0]:
            raise NotFoundOrHiddenError("There is no such exception of yours.")
        _follow(user_id)


def find_place(*, actor: Actor, text: str) -> list[Place]:
    """The places that a typed name means: the actor's own of exactly this name. InvalidInputError where there is none,
    with those that have its words in them as `data["like"]`."""
    found = places.registry.find(actor, text)
    exact = [place for place in found if place.name.lower() == text.strip().lower()]
    if exact:
        return exact
    sentence = "None of your repositories or namespaces has this name."
    if found:
        sentence = "None of your repositories or namespaces has exactly this name. Choose one of those below."
    raise InvalidInputError(sentence, fields={"place": sentence}, data={"like": found})


def _follow(user_id: int) -> None:
    """What waits for a digest goes as it would if it came in now: in a digest of the new pace; with what is wanted at
    once from now on, in one mail right away; without a mail where none is wanted any more."""
    now = timezone.now()
    preferences = preferences_of([user_id])[user_id]
    groups: dict[str, list[int]] = {}
    for waits in waiting_for(user_id).only("kind", "namespace_id", "repository_id"):
        topic = catalogue.topic_of(waits.kind)
        if topic is None:
            continue
        pace = rules.resolve(
            preferences,
            topic=topic.key,
            default=topic.default,
            repository_id=waits.repository_id,
            namespace_id=waits.namespace_id,
        ).pace
        groups.setdefault(pace, []).append(waits.pk)
    for pace, ids in groups.items():
        due_at = now if pace == rules.AT_ONCE else rules.due_at(pace, now, preferences)
        for start in range(0, len(ids), _AT_ONCE):
            Notification.objects.filter(pk__in=ids[start : start + _AT_ONCE], digest=None).update(
                pace=pace, due_at=due_at
            )


def _check(
    topics: Iterable[str],
    paces: Iterable[str],
    zone: str = rules.DEFAULT_ZONE,
    daily_hour: int = rules.DEFAULT_HOUR,
) -> None:
    fields = {}
    if zone not in available_timezones():
        fields["zone"] = "hubgate does not know this zone. Write it as Europe/Berlin or America/New_York."
    if not 0 <= daily_hour <= 23:
        fields["daily_hour"] = "Choose an hour from 0 to 23."
    _known("topic", topics, {topic.key for topic in catalogue.topics()}, fields)
    _known("pace", paces, set(rules.PACES), fields)
    if fields:
        raise InvalidInputError("Your choice could not be kept.", fields=fields)


def _known(name: str, given: Iterable[str], known: set[str], fields: dict[str, str]) -> None:
    for value in given:
        if value not in known:
            fields[name] = f"There is no {name} “{value}”."


def _user_id(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFoundOrHiddenError("Sign in first.")
    return actor.user_id


def _lock(user_id: int) -> None:
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
