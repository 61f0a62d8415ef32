"""What the pages say after an act and in short lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from access import rules, states
from access.ends import Length, day_of

DONE = {
    states.ACCEPT: "Accepted. {name} gets access on the Hub next, and is told.",
    states.REJECT: "Rejected. {name} gets the reason.",
    states.RESET_VERB: "Reset. {name} gets the reason and may ask again.",
    states.PUT_BACK: "Put back to pending. {name} has no access until you decide again.",
    states.GRANT: "Let in. {name} gets access on the Hub next.",
}
NO_END = "it never ends"
UNRENEWED = "Not renewed. {name} gets the reason."
WORDS = {
    states.PENDING: "waiting",
    states.ACCEPTED: "accepted",
    states.REJECTED: "rejected",
    states.RESET: "reset",
    states.WITHDRAWN: "withdrawn",
}
STALE = timedelta(minutes=10)


def undone(status: str, name: str) -> str:
    """The line after an undo: `status` is what stands again."""
    return f"Undone. The request of {name} is {status} again."


def done(verb: str, name: str) -> str:
    """The line after a decision on somebody's request."""
    return DONE[verb].format(name=name)


def end_moved(name: str, ends_at: datetime | None) -> str:
    """The line after the end of somebody's access was moved."""
    if ends_at is None:
        return f"The access of {name} has no end any more. They are told."
    return f"The access of {name} ends on {day_of(ends_at)} now. They are told."


def not_decided(code: rules.Refusal, *, status: str, who: str, when: str, repository: str, namespace: str) -> str:
    """Why one request of a bulk decision was left alone: `status` is what it is, set by `who` at `when` (as told)."""
    match code:
        case rules.Refusal.NO_RIGHT:
            return f"You do not decide for {repository}."
        case rules.Refusal.OWN_REQUEST:
            return "It is your own request: somebody else decides on it."
        case rules.Refusal.READING_ONLY:
            return rules.reading_only(namespace)
        case rules.Refusal.DECIDED_MEANWHILE:
            return f"It is {status} now: {who} decided{', ' + when if when else ''}."
        case rules.Refusal.NO_MOVE:
            return f"It is {status}: that decision does not apply to it."
        case rules.Refusal.STAGE_FULL:
            return f"The stage of {repository} that is in force is full: who asked first was let in."


BULK_VERBS = {
    states.ACCEPT: ("Accept", "accepted"),
    states.REJECT: ("Reject", "rejected"),
    states.RESET_VERB: ("Reset", "reset"),
    states.PUT_BACK: ("Put back", "put back"),
}


def requests(number: int) -> str:
    """`1 request`, `1,200 requests`."""
    return "1 request" if number == 1 else f"{number:,} requests"


def title_of_bulk(verb: str, number: int) -> str:
    """A bulk decision by what it does: `Accept 300 requests`."""
    return f"{BULK_VERBS[verb][0]} {requests(number)}"


def consequence(verb: str, will: int, lose_access: int) -> str:
    """What a bulk decision means to the people, before it is taken."""
    people = "1 person" if will == 1 else f"{will:,} people"
    losers = "1 person loses" if lose_access == 1 else f"{lose_access:,} people lose"
    lost = f" {losers} access." if lose_access else ""
    match verb:
        case states.ACCEPT:
            return (
                f"{people} {'gets' if will == 1 else 'get'} access on the Hub and {'is' if will == 1 else 'are'} told."
            )
        case states.REJECT:
            return f"{people} {'gets' if will == 1 else 'get'} the reason.{lost} They cannot ask again by themselves."
        case states.RESET_VERB:
            return f"{people} {'gets' if will == 1 else 'get'} the reason and may ask again.{lost}"
        case _:
            return f"{requests(will)} {'waits' if will == 1 else 'wait'} again.{lost}"


def duration(seconds: int) -> str:
    """`about 40 s`, `about 3 min`."""
    return f"about {max(1, seconds)} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def left_out(code: rules.Refusal, status: str, number: int) -> str:
    """Why so many requests will be left alone, in the preview of a bulk decision."""
    are = "is" if number == 1 else "are"
    match code:
        case rules.Refusal.NO_RIGHT:
            return f"{number:,} {are} not yours to decide"
        case rules.Refusal.OWN_REQUEST:
            return f"{number:,} {are} your own, which somebody else decides"
        case rules.Refusal.READING_ONLY:
            return f"{number:,} {are} in a namespace that hubgate only reads"
        case rules.Refusal.DECIDED_MEANWHILE:
            return f"{number:,} {'was' if number == 1 else 'were'} decided meanwhile and {are} {status} now"
        case rules.Refusal.NO_MOVE:
            return f"{number:,} {are} {status}, to which that decision does not apply"
        case rules.Refusal.STAGE_FULL:
            return f"{number:,} {are} over the places of the stage in force, who asked last"


def outcomes(counts: Mapping[str, int]) -> str:
    """`{"accepted": 2, "rejected": 1}` → "2 accepted, 1 rejected"; accepted and rejected are always told, once there is
    anything."""
    if not counts:
        return ""
    always = (states.ACCEPTED, states.REJECTED)
    others = (states.RESET, states.PENDING, states.WITHDRAWN)
    shown = [*always, *(status for status in others if counts.get(status, 0))]
    return ", ".join(f"{counts.get(status, 0)} {WORDS[status]}" for status in shown)


def same_domain(domain: str, counts: Mapping[str, int]) -> str:
    """How others from the same institution fared; empty without any."""
    told = [f"{number} {WORDS[status]}" for status, number in sorted(counts.items()) if number]
    return f"others from {domain}: {', '.join(told)}" if told else ""


def settled(way: str, number: int) -> str:
    """The line after drifts were settled."""
    what = "1 change" if number == 1 else f"{number} changes"
    return {
        "theirs": f"{what} settled: the Hub’s word stands.",
        "ours": f"{what} settled: ours stands, and the Hub is told where it says otherwise.",
    }.get(way, f"{what} put aside.")


def not_settled(sentences: Sequence[str]) -> str:
    """Why some drifts were not settled, each reason once with how often."""
    counts: dict[str, int] = {}
    for sentence in sentences:
        counts[sentence] = counts.get(sentence, 0) + 1
    told = [f"{sentence} ({number} times)" if number > 1 else sentence for sentence, number in counts.items()]
    return " ".join(["Not settled:", *told[:5], *([f"And {len(told) - 5} more reasons."] if len(told) > 5 else [])])


def search_hint(text: str) -> str:
    """What a search of very short words did; empty where all words were looked for everywhere."""
    if not rules.search_words(text).beginnings:
        return ""
    return (
        "Without three letters in a row, only names and user names that begin like this are found. "
        "Type a third letter to look in e-mail, answers and repositories too."
    )


def days(number: int) -> str:
    """`1` → "1 day", `7` → "7 days"."""
    return "1 day" if number == 1 else f"{number:,} days"


def lasts(length: Length) -> str:
    """How long access lasts unless somebody says otherwise: "90 days", or `NO_END`."""
    usual = min(filter(None, (length.usual, length.most)), default=0)
    return days(usual) if usual else NO_END


def gives(length: Length) -> str:
    """How long access is given by accepting: "for 90 days", "without an end"."""
    told = lasts(length)
    return "without an end" if told == NO_END else f"for {told}"


def in_step(read_at: datetime, now: datetime, waiting: int) -> tuple[str, bool]:
    """The line about the Hub at the foot of the navigation, and whether all is well: `read_at` is the last reading,
    `waiting` how many decisions are on their way."""
    seconds = max(0, int((now - read_at).total_seconds()))
    if seconds < 60:
        age = f"{seconds} s"
    elif seconds < 3600:
        age = f"{seconds // 60} min"
    elif seconds < 86400:
        age = f"{seconds // 3600} h"
    else:
        age = f"{seconds // 86400} d"
    if now - read_at > STALE:
        return f"Hub last read {age} ago", False
    if waiting:
        return f"{waiting} on the way to the Hub", True
    return f"Hub in step, {age} ago", True


def time_left(left: timedelta | None) -> str:
    """How long something still takes, roughly and never to the second; empty where nobody knows."""
    if left is None:
        return ""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute left"
    if minutes < 90:
        return f"about {minutes} min left"
    return f"about {round(minutes / 60)} h left"


def still_waiting(gate: str, waiting: int) -> str:
    """What an author has to know about requests that wait behind a gate that no longer asks anybody to decide; empty
    where there is nothing to know. The Hub accepts nobody by itself who asked before (HC §1.3)."""
    if not waiting or gate not in ("auto", "open"):
        return ""
    still = "1 request still waits" if waiting == 1 else f"{waiting:,} requests still wait"
    if gate == "auto":
        return (
            f"{still}: an automatic gate lets in those who ask from now on, not those who asked before. Decide on them."
        )
    return f"{still}, although anybody can download now. They come back into force when the gate does."


def waiting_in_all(number: int, oldest: datetime | None, *, now: datetime) -> str:
    """How many requests of a repository wait, and the oldest for how long."""
    if not number or oldest is None:
        return "No request waits."
    age = days((now - oldest).days) if now - oldest >= timedelta(days=1) else "less than a day"
    if number == 1:
        return f"1 request waits in all, for {age}."
    return f"{number:,} requests wait in all, the oldest for {age}."


def mail_advice(*, refused: bool, new_address: str, may_send: bool) -> str:
    """What to do with a mail that did not arrive: refused, or perhaps taken after all. `new_address` is where the
    request's mail goes now, empty for the same; `may_send` whether the namespace mails requesters still."""
    if not may_send:
        return "The namespace does not mail requesters any more, so it is not sent again."
    if new_address:
        return f"Their address is {new_address} now; another try goes there."
    if refused:
        return (
            "If the address is wrong, only they can mend it on the Hub; "
            "if their server was full or closed, another try may do."
        )
    return "Sending it again may bring it twice."


def position(place: int, total: int, *, more: bool, on_page: bool) -> str:
    """Where a request stands in its list, for whom the list is read out: `place` counts from 1; `on_page` says that it
    counts from the top of a later page, `more` that `total` is where counting stopped."""
    return f"{place} {'on this page, of' if on_page else 'of'} {total:,}{'+' if more else ''}"


def others_here(viewers: Sequence[tuple[str, bool]]) -> str:
    """Who else has a request open: (name, whether they are writing a reason); empty for nobody."""
    writing = [name for name, deciding in viewers if deciding]
    reading = [name for name, deciding in viewers if not deciding]
    told = []
    if writing:
        told.append(f"{_listed(writing)} {'is' if len(writing) == 1 else 'are'} writing a reason.")
    if reading:
        told.append(f"{_listed(reading)} {'has' if len(reading) == 1 else 'have'} this open too.")
    return " ".join(told)


def meanwhile(status: str, who: str, age: timedelta | None) -> str:
    """What became of a request while somebody had it open: `age` is how long ago it was decided, None where it was
    not."""
    if age is None:
        return f"Meanwhile this request is {status}: a decision was undone, or the person asked again."
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        ago = f"{seconds} second{'s' if seconds != 1 else ''} ago"
    else:
        minutes = seconds // 60
        ago = f"{minutes} minute{'s' if minutes != 1 else ''} ago" if minutes < 120 else f"{minutes // 60} hours ago"
    if status == states.PENDING:
        return f"{who} put this back to pending {ago}."
    return f"{who} {WORDS[status]} this {ago}."


def mail_note(kind: str, known: bool, typed: Sequence[str], others: Sequence[str]) -> str:
    """What to know of an account's address: its kind, and whether the answers give the same. `typed` are addresses in
    the answers, `others` those of them that differ from it."""
    words = {"free": "free mail", "disposable": "disposable address"}
    told = words.get(kind, "institutional") if known else "the Hub did not give it"
    if known and others:
        return f"{told}; the answers give {', '.join(others[:2])}"
    if typed:
        return f"{told}, same as in the answers" if known else f"{told}; the answers give {', '.join(typed[:2])}"
    return told


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:3]) + ([f"{len(names) - 3} more"] if len(names) > 3 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
