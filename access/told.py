"""Who is told about the requests of a repository, how soon, and why somebody gets no mail."""

from __future__ import annotations

from dataclasses import dataclass

from access import rights
from access.notices import REQUESTS
from hubgate.actors import Actor
from hubgate.notify import queries, rules
from repos.models import Repository
from repos.panels import Panel

_HOW = {
    rules.AT_ONCE: "a mail for each request, at once",
    rules.HOURLY: "one mail an hour, if anything came in",
    rules.DAILY: "one mail a day, if anything came in",
    rules.IN_HUBGATE: "no mail, only under Notices",
}


@dataclass(frozen=True)
class Told:
    """Somebody who decides, and in a sentence how they are told about new requests."""

    name: str
    you: bool
    sentence: str


def panel(actor: Actor, repository: Repository) -> Panel:
    """Everybody who decides for a repository, by name. Three queries."""
    people = list(rights.reviewers_of(repository).order_by("first_name", "last_name", "username"))
    preferences = queries.preferences_of([person.pk for person in people])
    told = [
        Told(
            str(person),
            person.pk == actor.user_id,
            sentence(
                rules.resolve(
                    preferences[person.pk],
                    topic=REQUESTS.key,
                    default=REQUESTS.default,
                    repository_id=repository.pk,
                    namespace_id=repository.namespace_id,
                ),
                you=person.pk == actor.user_id,
                has_address=bool(person.email),
                is_active=person.is_active,
            ),
        )
        for person in people
    ]
    return Panel("access/told_panel.html", {"repository": repository, "people": told})


def sentence(resolved: rules.Resolved, *, you: bool, has_address: bool, is_active: bool) -> str:
    """How somebody is told, and who or what says so."""
    if not is_active:
        return "No mail: the account is closed."
    if not has_address:
        return "No mail: the account has no mail address."
    how = _HOW[resolved.pace]
    if not resolved.chosen:
        return f"{how[0].upper()}{how[1:]}. This is the default."
    kind = resolved.scope.partition(":")[0]
    where = f"for this {kind}" if kind else "for all repositories"
    return f"{how[0].upper()}{how[1:]}. {'You' if you else 'They'} chose it {where}."
