"""The drift desk: what the Hub changed on its own, to be settled."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access import actions, messages, queries
from access.queries.drift import OPEN, PASSED, SETTLED, Wanted
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.audit.timeline import Line
from hubgate.errors import DomainError, InvalidInputError
from hubgate.http.web import TimelineEntry

_STATES = {OPEN: "To settle", PASSED: "Changed since", SETTLED: "Settled"}
_PASS = "pass"  # noqa: S105 (a word of the form)
_WAYS = (*actions.Way, _PASS)
_AT_ONCE = 100


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What the Hub changed on its own over all my repositories, newest first."""
    actor, wanted = actor_of(request.user), _wanted(request.GET)
    page = queries.drift.page(actor, wanted, cursor=request.GET.get("cursor", ""))
    choices = queries.drift.repositories(actor)
    context = {
        "wanted": wanted,
        "page": page,
        "count": queries.drift.count(actor, wanted),
        "chips": [
            (word, _url(Wanted(state, wanted.repository)), state == wanted.state) for state, word in _STATES.items()
        ],
        "choices": choices,
        "chosen": next((choice for choice in choices if choice.pk == wanted.repository), None),
        "all_repositories": _url(Wanted(wanted.state)),
        "query": _query(wanted, ""),
        "previous": _url(wanted, page.newer) if page.newer else None,
        "next": _url(wanted, page.older) if page.older else None,
        "others": [_entry(line) for line in queries.drift.of_repositories(actor, wanted)],
    }
    return render(request, "access/drift.html", context)


@require_POST
@login_required
def settle(request: HttpRequest) -> HttpResponse:
    """Settle one drift (`theirs`, `ours` or `pass` is its id) or those ticked (`drift`; `selected` says how)."""
    actor = actor_of(request.user)
    way, ids = _asked(request.POST)
    done, refusals = 0, []
    for drift_id in ids:
        try:
            _settle(actor, drift_id, way)
        except DomainError as error:
            if len(ids) == 1 and error.default_code == "not_found":
                raise
            refusals.append(error.message)
        else:
            done += 1
    if not ids:
        flash.warning(request, "Nothing was ticked: tick the changes that you mean, then say what becomes of them.")
    if done:
        flash.success(request, messages.settled(way, done))
    if refusals:
        flash.warning(request, messages.not_settled(refusals))
    back = request.POST.get("request", "")
    if back.isdecimal() and len(back) < 19:
        return HttpResponseRedirect(reverse("access:request", args=[int(back)]))
    return HttpResponseRedirect(_url(_wanted(request.GET)))


def _settle(actor: Actor, drift_id: int, way: str) -> None:
    if way == _PASS:
        actions.pass_over(actor=actor, drift_id=drift_id)
    else:
        actions.settle(actor=actor, drift_id=drift_id, way=actions.Way(way))


def _asked(posted: QueryDict) -> tuple[str, list[int]]:
    """How to settle, and which. InvalidInputError where the form says neither."""
    for way in _WAYS:
        if way in posted:
            return way, _ids([posted.get(way, "")])
    way = posted.get("selected", "")
    ids = _ids(posted.getlist("drift"))
    if way not in _WAYS:
        raise InvalidInputError("Say how to settle it: take theirs, or put ours back.")
    return way, ids


def _ids(values: list[str]) -> list[int]:
    if not all(value.isdecimal() and len(value) < 19 for value in values) or len(values) > _AT_ONCE:
        raise InvalidInputError("The page did not say which change you mean. Load it anew.")
    return list(dict.fromkeys(map(int, values)))


def _wanted(query: QueryDict) -> Wanted:
    state, repository = query.get("state", ""), query.get("repository", "")
    known = repository.isdecimal() and len(repository) < 19
    return Wanted(state if state in _STATES else OPEN, int(repository) if known else None)


def _query(wanted: Wanted, cursor: str) -> str:
    said = {
        "state": wanted.state if wanted.state != OPEN else "",
        "repository": wanted.repository or "",
        "cursor": cursor,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else ""


def _url(wanted: Wanted, cursor: str = "") -> str:
    return reverse("access:drift") + _query(wanted, cursor)


def _entry(line: Line) -> TimelineEntry:
    sentence = line.sentence if line.subject in line.sentence else f"{line.subject}: {line.sentence}"
    return TimelineEntry(sentence, line.at, "cloud", line.detail)
