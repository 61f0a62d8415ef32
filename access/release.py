"""Rules of release plans: what a stage may say, what opens it, which gate it means on the Hub, and in which order that
gate is set so that a repository is never more open than its plan.

Pure: the same facts always give the same outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hubgate.errors import InvalidInputError

PRIVATE = "private"
MANUAL = "manual"
AUTO = "auto"
OPEN = "open"
GATES = (PRIVATE, MANUAL, AUTO, OPEN)  # from closed to open
ASKED = (MANUAL, AUTO)  # gates at which people ask, so that somebody or hubgate decides
RECALL_GATES = (PRIVATE, MANUAL)
GATE_WORDS = {PRIVATE: "private", MANUAL: "by hand", AUTO: "automatic", OPEN: "open"}

ANYONE = "anyone"
PEOPLE = "people"
ORGANISATIONS = "organisations"
DOMAINS = "domains"
AUDIENCES = (ANYONE, PEOPLE, ORGANISATIONS, DOMAINS)
AUDIENCE_WORDS = {
    ANYONE: "anyone who asks",
    PEOPLE: "named people",
    ORGANISATIONS: "members of verified organisations",
    DOMAINS: "people with an address of certain mail domains",
}

MOST_STAGES = 20
MOST_MEMBERS = 500
MOST_DAYS = 3650
MOST_PLACES = 1_000_000
NAME_LENGTH = 80

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True)
class StageFacts:
    """What a stage says. `id` is that of the stage that it was, None for a new one. Times are UTC."""

    name: str
    gate: str
    audience: str = ANYONE
    members: tuple[str, ...] = ()
    grant_days: int | None = None
    capacity: int | None = None
    opens_at: datetime | None = None
    needs_license: bool = False
    needs_tag_ruling: bool = False
    needs_evaluation: bool = False
    needs_go: bool = False
    id: int | None = None

    @property
    def hubgate_lets_in(self) -> bool:
        """Whether hubgate itself accepts who asks and fits."""
        return self.gate == AUTO


def cleaned(stages: Sequence[StageFacts]) -> list[StageFacts]:
    """A plan as it is kept. InvalidInputError names every mistake by the stage's place, such as `stages.0.name`."""
    errors: dict[str, str] = {}
    if len(stages) > MOST_STAGES:
        errors["stages"] = f"A plan has at most {MOST_STAGES} stages, and this one has {len(stages)}."
    found, names = [], set()
    for place, stage in enumerate(stages[:MOST_STAGES]):
        stage, mistakes = _cleaned(stage)
        if stage.name and stage.name.lower() in names:
            mistakes["name"] = f"Two stages are called “{stage.name}”. Give each a name of its own."
        names.add(stage.name.lower())
        errors |= {f"stages.{place}.{name}": sentence for name, sentence in mistakes.items()}
        found.append(stage)
    if errors:
        raise InvalidInputError(next(iter(errors.values())), code="bad_plan", fields=errors)
    return found


def _cleaned(stage: StageFacts) -> tuple[StageFacts, dict[str, str]]:
    mistakes: dict[str, str] = {}
    name = " ".join(stage.name.replace("\0", "").split())
    if not name:
        mistakes["name"] = "Give the stage a name, such as “Vetted organisations”."
    elif len(name) > NAME_LENGTH:
        mistakes["name"] = f"Shorten the name: it has {len(name)} characters, and {NAME_LENGTH} are kept."
    if stage.gate not in GATES:
        mistakes["gate"] = "Choose the gate on the Hub: private, manual, auto or open."
    if stage.audience not in AUDIENCES:
        mistakes["audience"] = "Choose whom the stage is for: anyone, people, organisations or domains."
    members, wrong = _members(stage.audience, stage.members)
    if wrong:
        mistakes["members"] = wrong
    if stage.gate in GATES and stage.gate not in ASKED:
        nobody = "nobody asks at a private or an open repository"
        if stage.audience != ANYONE:
            mistakes["audience"] = f"Choose anyone: {nobody}, so hubgate cannot tell people apart."
        if stage.capacity is not None:
            mistakes["capacity"] = f"Leave the places empty: {nobody}, so hubgate cannot count them."
        if stage.grant_days is not None:
            mistakes["grant_days"] = f"Leave the days empty: {nobody}, so there is no grant to end."
    if stage.capacity is not None and not 1 <= stage.capacity <= MOST_PLACES:
        mistakes["capacity"] = f"Give 1 to {MOST_PLACES:,} places, or none for as many as ask."
    if stage.grant_days is not None and not 1 <= stage.grant_days <= MOST_DAYS:
        mistakes["grant_days"] = f"Let a grant last 1 to {MOST_DAYS:,} days, or leave it empty for no end."
    if stage.opens_at is not None and stage.opens_at.tzinfo is None:
        mistakes["opens_at"] = "Give the opening date with its time zone."
    return replace(stage, name=name, members=members), mistakes


def _members(audience: str, given: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The list of an audience as it is kept, and what is wrong with it, if anything."""
    words = [" ".join(word.split()) for word in given if word.strip()]
    if audience == PEOPLE:
        words = [word.removeprefix("@") for word in words]
    elif audience == DOMAINS:
        words = [word.lower().rpartition("@")[2].rstrip(".") for word in words]
    known: dict[str, str] = {}
    for word in words:
        known.setdefault(word.lower(), word)
    found = tuple(known.values())
    if audience not in AUDIENCES:
        return found, ""
    if audience == ANYONE:
        return found, "Leave the list empty, or choose whom it is a list of." if found else ""
    if not found:
        return found, "List at least one, one to a line."
    if len(found) > MOST_MEMBERS:
        return found, f"List at most {MOST_MEMBERS}: this list has {len(found)}."
    for word in found:
        if audience == PEOPLE and not _USERNAME.fullmatch(word):
            return found, f"“{word[:60]}” cannot be a user name on the Hub. Write names such as jordan, one to a line."
        if audience == DOMAINS and not _DOMAIN.fullmatch(word):
            return found, f"“{word[:60]}” is no mail domain. Write them as northlake.edu, one to a line."
        if audience == ORGANISATIONS and ("|" in word or len(word) > 128):
            return found, f"“{word[:60]}” cannot be an organisation on the Hub. Write its name there, one to a line."
    return found, ""


@dataclass(frozen=True)
class Setting:
    """How the Hub holds a repository: the word of its gate (`repos.rules.gate_word`), and whether it is private."""

    gated: str
    private: bool

    @property
    def word(self) -> str:
        """What that comes to, as one of `GATES`; a gate that we do not know by the Hub's own word."""
        return PRIVATE if self.private else self.gated


def openness(setting: Setting) -> int:
    """How open that is: private, by hand, automatic, open count 0 to 3. A gate of a mode that we do not know is shut,
    and counts as by hand (field report 34)."""
    return GATES.index(setting.word if setting.word in GATES else MANUAL)


def setting_of(stage: StageFacts) -> Setting:
    """How the Hub has to hold the repository during a stage. Where hubgate counts places or tells people apart, it lets
    them in itself, and the Hub's gate is by hand. A private repository has a gate all the same, so that it is not wide
    open should somebody make it public."""
    if stage.gate == PRIVATE:
        return Setting(MANUAL, private=True)
    if stage.gate == AUTO and (stage.capacity is not None or stage.audience != ANYONE):
        return Setting(MANUAL, private=False)
    return Setting(stage.gate, private=False)


def wanted(stage: StageFacts | None, recalled_gate: str) -> Setting | None:
    """How the Hub has to hold a repository whose plan has `stage` in force and, after a recall, the gate that was
    chosen then. None where no stage was opened: then hubgate leaves the gate alone."""
    if stage is None:
        return None
    of_stage = setting_of(stage)
    if not recalled_gate:
        return of_stage
    recalled = Setting(MANUAL, private=recalled_gate == PRIVATE)
    return min(of_stage, recalled, key=openness)


@dataclass(frozen=True)
class Step:
    """One call that changes a repository's settings on the Hub: its gate or whether it is private, never both."""

    gated: str | None = None
    private: bool | None = None

    def after(self, setting: Setting) -> Setting:
        """How the Hub holds the repository then."""
        return Setting(
            setting.gated if self.gated is None else self.gated,
            setting.private if self.private is None else self.private,
        )


def steps(hub: Setting, to: Setting) -> list[Step]:
    """The calls that bring the Hub from one setting to another. What makes it private comes first and what makes it
    public last, so that on the way it is never more open than the more open of the two, and no more open than `to` once
    the first call that closes has been made."""
    gate = [Step(gated=to.gated)] if hub.gated != to.gated else []
    if hub.private == to.private:
        return gate
    return [Step(private=True), *gate] if to.private else [*gate, Step(private=False)]


def closes(hub: Setting, to: Setting) -> bool:
    """Whether the Hub is more open than it has to be: then nothing else is told to it first."""
    return openness(hub) > openness(to)


def opens(hub: Setting, to: Setting) -> bool:
    """Whether the Hub becomes more open: then everything that takes access away is told to it first."""
    return openness(hub) < openness(to)


def difference(hub: Setting, to: Setting) -> str:
    """`open` where the Hub is more open than the plan, `closed` where it is more closed, `other` where it differs in a
    way that lets nobody else in, empty where it agrees."""
    if hub == to or (to.private and hub.private):
        return ""
    if closes(hub, to):
        return "open"
    return "closed" if opens(hub, to) else "other"


@dataclass(frozen=True)
class InPlace:
    """What the conditions of a stage are held against: the licence of the card, whether there is a ruling on the
    content tag and how many proposals are open, how many evaluations are attached, who gave a go for the stage, and the
    time (UTC)."""

    license: str
    tag_ruled: bool
    proposals: int
    go_by: str
    now: datetime
    evaluations: int = 0


@dataclass(frozen=True)
class Condition:
    """A condition of a stage: its name in the API, what it is, whether it holds, and a sentence that says how it
    stands."""

    key: str
    label: str
    holds: bool
    sentence: str


def conditions(stage: StageFacts, facts: InPlace) -> list[Condition]:
    """The conditions of a stage in the order in which they are shown."""
    found = []
    if stage.opens_at is not None:
        found.append(_date(stage.opens_at, facts.now))
    if stage.needs_license:
        sentence = facts.license or "The card names no licence. Add `license:` to its front matter."
        found.append(Condition("license", "Licence set", bool(facts.license), sentence))
    if stage.needs_tag_ruling:
        found.append(_tag(facts))
    if stage.needs_evaluation:
        found.append(_evaluation(facts.evaluations))
    if stage.needs_go:
        sentence = f"By {facts.go_by}." if facts.go_by else "No author has said so yet."
        found.append(Condition("go", "An author says go", bool(facts.go_by), sentence))
    return found


def _date(opens_at: datetime, now: datetime) -> Condition:
    holds = opens_at <= now
    day = f"{opens_at:%-d %b %Y, %H:%M} UTC"
    return Condition("date", "Its date has come", holds, f"Since {day}." if holds else f"Not before {day}.")


def _tag(facts: InPlace) -> Condition:
    holds = facts.tag_ruled and not facts.proposals
    if facts.proposals:
        are = "proposal is" if facts.proposals == 1 else "proposals are"
        sentence = f"{facts.proposals} {are} still to be ruled on."
    elif facts.tag_ruled:
        sentence = "Ruled on, and no proposal is open."
    else:
        sentence = "Nobody has ruled yet whether this is “Not For All Eyes”."
    return Condition("tag", "Content tag ruled on", holds, sentence)


def _evaluation(attached: int) -> Condition:
    if attached:
        sentence = f"{attached} evaluation{'' if attached == 1 else 's'} attached."
    else:
        sentence = "No bias or safety result is attached. Attach one on the tab Evaluations."
    return Condition("evaluation", "An evaluation attached", bool(attached), sentence)


def unmet(found: Sequence[Condition]) -> list[Condition]:
    """Those that do not hold."""
    return [condition for condition in found if not condition.holds]


def following(ids: Sequence[int], in_force: int | None) -> int | None:
    """Which stage may come next, of the ids in their order; None at the end."""
    if in_force is None:
        return ids[0] if ids else None
    place = ids.index(in_force) + 1
    return ids[place] if place < len(ids) else None


def preceding(ids: Sequence[int], in_force: int | None) -> int | None:
    """Which stage it steps back to; None at the first."""
    place = ids.index(in_force) if in_force is not None else 0
    return ids[place - 1] if place else None


def free(capacity: int | None, taken: int) -> int | None:
    """How many places are left; None without a limit."""
    return None if capacity is None else max(0, capacity - taken)


def stage_full(stage: str, capacity: int) -> str:
    """Why somebody cannot be accepted."""
    places = "Its one place is" if capacity == 1 else f"All {capacity:,} places are"
    return (
        f"The stage “{stage}” is full. {places} taken, or held until the Hub has been told that they are free. Give it "
        "more places in the release plan, open the next stage, or let the person in over the limit."
    )


def in_line(place: int, waiting: int, *, stage: str, places_left: int | None) -> str:
    """Why somebody whom the stage is for still waits."""
    if places_left:
        return f"Place {place:,} of {waiting:,} in line for “{stage}”: hubgate lets them in next."
    return f"Place {place:,} of {waiting:,} in line: “{stage}” is full."


def outside(stage: str, audience: str) -> str:
    """Why somebody waits whom the stage is not for."""
    return f"Not in the audience of “{stage}”, which is for {AUDIENCE_WORDS[audience]}."


@dataclass(frozen=True)
class Change:
    """What would happen to the gate: from which word of `GATES` to which, and in which way."""

    before: str
    after: str
    way: str = field(default="")  # `opens`, `closes` or empty


def change(hub: Setting, to: Setting) -> Change:
    """What bringing the Hub to a setting means."""
    way = "opens" if opens(hub, to) else "closes" if closes(hub, to) else ""
    return Change(hub.word, to.word, way)


def as_facts(values: Mapping[str, Any]) -> StageFacts:
    """A stage from plain values by the names of `StageFacts`; those that are not there take their usual value."""
    known = {name: values[name] for name in StageFacts.__dataclass_fields__ if name in values}
    return StageFacts(**known | {"members": tuple(known.get("members", ()))})
