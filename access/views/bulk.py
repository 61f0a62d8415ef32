"""Bulk decisions: choose in a list, see what will happen, confirm, watch, cancel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access import actions, ends, messages, queries, states
from access.forms import BulkEndForm, BulkReasonForm, ChoiceForm
from access.models import BulkDecision, BulkRow
from access.queries import Progress
from access.views.listing import Listing
from hubgate.accounts.queries import actor_of
from hubgate.actors import Actor
from hubgate.errors import InvalidInputError, WrongStateError
from hubgate.http import web
from hubgate.hub.reasons import REASON_LIMIT, fit_reason, utf16_len

_Outcome = BulkRow.Outcome
_CHIPS = {
    "": "All",
    _Outcome.REFUSED: "Left alone",
    _Outcome.CANCELLED: "Cancelled",
    _Outcome.DECIDED: "Decided",
    _Outcome.WAITING: "Waiting",
}
_TAKES_REASON = (states.REJECT, states.RESET_VERB)


@dataclass(frozen=True)
class Phase:
    """What a bulk decision is doing, in a word and in a sentence; `word` changes when there are new results to see."""

    word: str
    sentence: str


def bulk_verbs(status: str) -> list[tuple[str, str, str]]:
    """What can be done at once with a list of this status ("" for all): verb, word and icon of each button."""
    icons = {states.ACCEPT: "check", states.REJECT: "cross", states.RESET_VERB: "undo", states.PUT_BACK: "clock"}
    return [
        (verb, f"{messages.BULK_VERBS[verb][0]}…", icons[verb])
        for verb in states.REVIEWER_VERBS
        if not status or states.next_status(verb, status) is not None
    ]


def behind_gate(actor: Actor, listing: Listing) -> str:
    """What to know about a list of those who wait behind one repository's gate that has become automatic; empty for
    any other list."""
    wanted = listing.wanted
    if wanted.status != states.PENDING or len(wanted.repositories) != 1:
        return ""
    gate = queries.gate_of(actor, wanted.repositories[0])
    return messages.still_waiting(gate, queries.count(actor, wanted).number) if gate == "auto" else ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def bulks(request: HttpRequest) -> HttpResponse:
    """GET: the person's own bulk decisions. POST: freeze a choice and show what would happen."""
    actor = actor_of(request.user)
    if request.method != "POST":
        rows = [(bulk, _title(bulk), queries.progress_of_bulk(bulk)) for bulk in queries.recent_bulks(actor)]
        return render(request, "access/bulks.html", {"rows": rows})
    form = ChoiceForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError(str(next(iter(form.errors.values()))[0]))
    chosen = form.cleaned_data
    listing = _listing(chosen["query"])
    bulk = actions.prepare_bulk(
        actor=actor,
        key=uuid4(),
        verb=chosen["verb"],
        wanted=listing.wanted if chosen["all"] else None,
        request_ids=chosen["request"],
        query=listing.query,
    )
    return HttpResponseRedirect(reverse("access:bulk", args=[bulk.key]))


@require_safe
@login_required
def show(request: HttpRequest, key: UUID) -> HttpResponse:
    """What would happen, until it is confirmed; from then on how far it is and what became of each request."""
    actor = actor_of(request.user)
    bulk = queries.get_bulk(actor, key)
    if bulk.state == BulkDecision.State.PREVIEW:
        return _preview(request, actor, bulk, BulkReasonForm(bulk.verb))
    return _progress(request, actor, bulk)


@require_POST
@login_required
def start(request: HttpRequest, key: UUID) -> HttpResponse:
    """Confirm. A second click finds it under way."""
    actor = actor_of(request.user)
    bulk = queries.get_bulk(actor, key)
    if "preview" in request.POST and web.target_of(request) == "reason-preview":
        return render(request, "access/reason_preview.html", _fitted(request.POST.get("reason", "")))
    form = BulkReasonForm(bulk.verb, request.POST)
    if bulk.state == BulkDecision.State.PREVIEW and ("preview" in request.POST or not form.is_valid()):
        status = 200 if "preview" in request.POST else 422
        shown = BulkReasonForm(bulk.verb, initial=request.POST.dict()) if status == 200 else form
        return _preview(request, actor, bulk, shown, status=status)
    end = BulkEndForm(request.POST)
    if bulk.state == BulkDecision.State.PREVIEW and bulk.verb == states.ACCEPT and not end.is_valid():
        return _preview(request, actor, bulk, form, end=end, status=422)
    wish = end.wish if bulk.verb == states.ACCEPT and end.is_valid() else ends.USUAL
    actions.start_bulk(actor=actor, key=key, reason=request.POST.get("reason", ""), ends_at=wish)
    return HttpResponseRedirect(reverse("access:bulk", args=[key]))


@require_POST
@login_required
def cancel(request: HttpRequest, key: UUID) -> HttpResponse:
    """Stop it, as far as that goes."""
    try:
        bulk = actions.cancel_bulk(actor=actor_of(request.user), key=key)
    except WrongStateError as error:
        flash.error(request, error.message)
    else:
        stays = queries.progress_of_bulk(bulk).decided
        sentence = "Cancelled. None of it has reached the Hub."
        if stays:
            sentence = f"Cancelled. {messages.requests(stays)} had reached the Hub already and stay as decided."
        flash.success(request, sentence)
    return HttpResponseRedirect(reverse("access:bulk", args=[key]))


def _preview(
    request: HttpRequest,
    actor: Actor,
    bulk: BulkDecision,
    form: BulkReasonForm,
    *,
    end: BulkEndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    plan = queries.plan_of_bulk(actor, bulk)
    listing = _listing(bulk.query)
    context = {
        "bulk": bulk,
        "title": messages.title_of_bulk(bulk.verb, bulk.total),
        "confirm": messages.title_of_bulk(bulk.verb, plan.will),
        "participle": messages.BULK_VERBS[bulk.verb][1],
        "plan": plan,
        "consequence": messages.consequence(bulk.verb, plan.will, plan.lose_access),
        "reasons": [messages.left_out(code, word, number) for (code, word), number in plan.refused.items()],
        "repositories": [(name, *numbers) for name, numbers in plan.by_repository.items()],
        "limit": queries.BULK_LIMIT,
        "more": bulk.total == queries.BULK_LIMIT and queries.count_for_bulk(actor, listing.wanted) > queries.BULK_LIMIT,
        "back": listing.url,
        "action": reverse("access:bulk_start", args=[bulk.key]),
        "takes_reason": bulk.verb in _TAKES_REASON,
        "form": form,
        "end": (end or BulkEndForm()) if bulk.verb == states.ACCEPT and plan.will else None,
        "fitted": _fitted(str(form["reason"].value() or "")),
    }
    return render(request, "access/bulk_preview.html", context, status=status)


def _progress(request: HttpRequest, actor: Actor, bulk: BulkDecision) -> HttpResponse:
    progress = queries.progress_of_bulk(bulk)
    phase = _phase(bulk, progress)
    outcome = request.GET.get("outcome", "")
    if outcome not in _CHIPS:
        raise InvalidInputError(f"There is no outcome “{outcome[:40]}”. Choose one above the list.", code="bad_list")
    page = request.GET.get("page", "1")
    url = reverse("access:bulk", args=[bulk.key])
    counts = {
        "": progress.total,
        _Outcome.REFUSED: progress.refused,
        _Outcome.CANCELLED: progress.cancelled,
        _Outcome.DECIDED: progress.decided,
        _Outcome.WAITING: progress.waiting,
    }
    results = queries.results_of_bulk(
        actor, bulk, outcome=outcome, page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    )
    parted = f"?outcome={outcome}&page=" if outcome else "?page="
    context: dict[str, Any] = {
        "bulk": bulk,
        "title": _title(bulk),
        "participle": messages.BULK_VERBS[bulk.verb][1],
        "progress": progress,
        "done_here": progress.total - progress.waiting,
        "phase": phase,
        "speed": _speed(progress),
        "poll": f"{url}?phase={phase.word}",
        "polls": progress.running,
        "cancel_url": reverse("access:bulk_cancel", args=[bulk.key]) if _stoppable(progress) else "",
        "results": results,
        "chips": [
            (f"{word} {counts[value]:,}", f"{url}?outcome={value}" if value else url, value == outcome)
            for value, word in _CHIPS.items()
            if counts[value] or not value
        ],
        "previous": f"{parted}{results.page - 1}" if results.page > 1 else None,
        "next": f"{parted}{results.page + 1}" if results.page < results.pages else None,
        "back": _listing(bulk.query).url,
    }
    if not web.wants_partial(request):
        return render(request, "access/bulk.html", context)
    changed = request.GET.get("phase") != phase.word
    response = render(request, "access/bulk_part.html", context | {"changed": changed})
    if changed:
        response["HX-Trigger"] = json.dumps({"announce": phase.sentence})
    return response


def _phase(bulk: BulkDecision, progress: Progress) -> Phase:
    done = messages.BULK_VERBS[bulk.verb][1]
    if bulk.state == BulkDecision.State.CANCELLED:
        stays = (
            f" {messages.requests(progress.decided)} had reached the Hub and stay {done}." if progress.decided else ""
        )
        word = "stopping" if progress.behind else "cancelled"
        return Phase(word, f"Cancelled: {messages.requests(progress.cancelled)} left as they were.{stays}")
    if progress.waiting:
        return Phase("waiting", "Waiting for a worker of hubgate to take it up. You can leave this page.")
    left_alone = f" {messages.requests(progress.refused)} left alone, see why below." if progress.refused else ""
    here = f"{messages.requests(progress.decided)} {done}.{left_alone}"
    if progress.behind:
        return Phase("telling", f"{here} The Hub is being told; you can leave this page.")
    if progress.parked:
        return Phase("ended", f"{here} The Hub refused {messages.requests(progress.parked)}: open them to see why.")
    return Phase("ended", f"{here}{' The Hub has been told all of it.' if progress.decided else ''}")


def _speed(progress: Progress) -> str:
    if progress.rate is None or progress.seconds_left is None:
        return ""
    rate = f"{progress.rate:,.0f}" if progress.rate >= 10 else f"{progress.rate:.1f}"
    return f"{rate} a second, {messages.duration(progress.seconds_left)} left"


def _stoppable(progress: Progress) -> bool:
    return bool(progress.waiting or progress.behind)


def _title(bulk: BulkDecision) -> str:
    return messages.title_of_bulk(bulk.verb, bulk.total)


def _listing(query: str) -> Listing:
    return Listing.read(QueryDict(query.removeprefix("?"))).at("")


def _fitted(reason: str) -> dict[str, object]:
    reason = reason.replace("\r\n", "\n").strip()
    short = fit_reason(reason)
    return {"units": utf16_len(reason), "limit": REASON_LIMIT, "short": short, "shortened": short != reason}
