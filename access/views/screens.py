"""What the inbox's templates show: list, panel, and the two side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from access import events, messages, queries, states
from access.queries import Detail
from access.views import chips, saved
from access.views.beside import beside_context
from access.views.bulk import behind_gate, bulk_verbs
from access.views.chips import Chip, told
from access.views.listing import Listing
from hubgate.actors import Actor
from hubgate.audit.timeline import Line
from hubgate.http import web
from hubgate.http.web import TimelineEntry
from repos import queries as repo_queries
from repos import rules as repo_rules
from repos.models import Namespace

PANEL = "hg-panel"
ICONS = {
    events.ASKED: "inbox",
    events.ASKED_AGAIN: "inbox",
    events.ACCEPTED: "check",
    events.GRANTED: "check",
    events.REJECTED: "cross",
    events.RESET: "undo",
    events.PUT_BACK: "clock",
    events.WITHDRAWN: "withdrawn",
    events.WITHDRAWN_HERE: "withdrawn",
    events.ENDED: "clock",
    events.END_SET: "clock",
    events.RENEWAL_ASKED: "retry",
    events.RENEWAL_REFUSED: "cross",
    events.REFUSED_RACE: "alert",
    events.PUSHED: "cloud",
    events.PUSH_REFUSED: "cloud-off",
    events.PUSH_RETRIED: "retry",
    events.HUB_CHANGED: "external",
    events.SUPERSEDED: "external",
    events.HUB_SUPERSEDED: "external",
    events.ANSWERS_CHANGED: "history",
    events.UNDONE: "undo",
    events.ASSIGNED: "account",
    events.UNASSIGNED: "account",
    events.NOTE_ADDED: "audit",
    events.NOTE_REMOVED: "audit",
}


@dataclass(frozen=True)
class Button:
    """How a decision is offered: at once with a POST, or through a dialog that asks for the reason."""

    verb: str
    label: str
    icon: str
    style: str
    key: str
    dialog: bool


BUTTONS = {
    states.ACCEPT: Button(states.ACCEPT, "Accept", "check", "btn-success", "a", dialog=False),
    states.REJECT: Button(states.REJECT, "Reject…", "cross", "hg-btn", "r", dialog=True),
    states.RESET_VERB: Button(states.RESET_VERB, "Reset…", "undo", "hg-btn", "", dialog=True),
    states.PUT_BACK: Button(states.PUT_BACK, "Put back to pending", "clock", "hg-btn", "", dialog=False),
}


def list_context(actor: Actor, listing: Listing) -> dict[str, Any]:
    """One page of a list with its filters, its numbers and the views that the actor saved."""
    page = queries.page(actor, listing.wanted, cursor=listing.cursor)
    opened = [(view.view.name, view.listing) for view in saved.read_all(actor) if view.listing is not None]
    # A view that looks for words has no number: each would be a search.
    counted = [view.wanted for _, view in opened if not view.wanted.text]
    tally = queries.tally(actor, listing.wanted, others=[*counted, chips.RENEWALS])
    *others, renewals = tally.others
    numbers = dict(zip(counted, others, strict=True))
    views = [
        Chip(name, view.url, view.wanted == listing.wanted, told(numbers.get(view.wanted))) for name, view in opened
    ]
    return {
        "listing": listing,
        "page": page,
        "count": tally.count,
        "counted": messages.WORDS.get(listing.wanted.status, "in all"),
        "oldest": tally.oldest,
        "partial": queries.any_partial(actor, listing.wanted.repositories),
        "statuses": chips.statuses(listing, tally.by_status),
        "renewals": chips.renewals(listing, renewals),
        "saved": views,
        "this_view": any(view.current for view in views),
        "view_query": listing.at("").query.removeprefix("?"),
        "hint": messages.search_hint(listing.wanted.text),
        "bulk_verbs": bulk_verbs(listing.wanted.status),
        "behind_gate": behind_gate(actor, listing),
        "previous": listing.at(page.newer).url if page.newer else None,
        "next": listing.at(page.older).url if page.older else None,
        **chips.facts(actor, listing),
    }


def panel_context(actor: Actor, listing: Listing, pk: int) -> dict[str, Any]:
    """One request, read from a list. NotFoundOrHiddenError where the actor does not decide it."""
    detail = queries.detail(actor, pk, within=listing.wanted)
    request, repository, person = detail.request, detail.request.repository, detail.request.person
    current = repository.form
    return {
        "listing": listing,
        "detail": detail,
        "subject": request,
        "past": [(past, queries.past_answered(past)) for past in detail.past],
        "form_changed": current if current and request.form and current.pk != request.form.pk else None,
        "before": messages.outcomes(detail.outcomes),
        "same_domain": messages.same_domain(request.email_domain, detail.same_domain),
        "profile": f"{settings.HUB_URL}/{quote(person.username)}" if person else "",
        "on_hub": settings.HUB_URL + quote(repo_rules.web_path(repository.kind, repository.name)),
        "history": [_entry(line) for line in detail.timeline],
        "buttons": _buttons(detail, listing),
        "gives": messages.gives(queries.length_of(repository)),
        "until_url": listing.request_url(pk, "accept_until") if states.ACCEPT in detail.verbs else "",
        "extend_url": listing.request_url(pk, "extend"),
        "refuse_renewal_url": listing.request_url(pk, "refuse_renewal"),
        "undo_url": listing.request_url(pk, "undo") if detail.undoable else "",
        "drift": queries.drift.open_of(request),
        "retry_url": listing.request_url(pk, "retry"),
        "older_url": listing.request_url(detail.older_id) if detail.older_id else "",
        "newer_url": listing.request_url(detail.newer_id) if detail.newer_id else "",
        **beside_context(actor, detail, listing),
    }


def _entry(line: Line) -> TimelineEntry:
    return TimelineEntry(line.sentence, line.at, ICONS.get(line.event, "circle"), line.detail)


def _buttons(detail: Detail, listing: Listing) -> list[tuple[Button, str]]:
    return [(BUTTONS[verb], listing.request_url(detail.request.pk, verb)) for verb in detail.verbs]


def empty_context(actor: Actor) -> dict[str, Any]:
    """Why an inbox may be empty: the namespaces there are, and what becomes of their tokens."""
    namespaces = list(repo_queries.namespaces(actor))
    token = Namespace.Token
    well = (token.WORKING, token.READ_ONLY, token.NARROW, token.CHECKING)
    return {
        "namespaces": namespaces,
        "broken": [namespace for namespace in namespaces if namespace.token_state not in well],
        "last_read_at": queries.last_read_at(actor),
    }


def show_inbox(request: HttpRequest, actor: Actor, listing: Listing) -> HttpResponse:
    """The list, with its first request in the panel where there is room for one."""
    context = list_context(actor, listing)
    rows = context["page"].rows
    if rows:
        context |= panel_context(actor, listing, rows[0].id) | {"current": rows[0].id}
    else:
        context |= empty_context(actor)
    return render(request, "access/inbox.html", context | {"show": "list"})


def show_request(
    request: HttpRequest, actor: Actor, listing: Listing, pk: int, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    """One request: the panel alone where htmx fills it, else beside its list. `refusal` is why something was not
    done."""
    context = panel_context(actor, listing, pk) | {"current": pk, "refusal": refusal, "show": "panel"}
    context["prefetch"] = web.is_prefetch(request)
    if web.wants_partial(request):
        response = render(request, "access/panel_part.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = f"#{PANEL}", "outerHTML"
        return response
    return render(request, "access/inbox.html", context | list_context(actor, listing), status=status)


def show_in_place(request: HttpRequest, actor: Actor, listing: Listing, pk: int, said: str) -> HttpResponse:
    """For htmx, after an act that ends at a request: that request in the panel, the list beside it as it is now, the
    address with them, focus on the request's heading; `said` and its place in the list are announced."""
    context = list_context(actor, listing) | panel_context(actor, listing, pk) | {"current": pk}
    response = render(request, "access/decided.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = f"#{PANEL}", "outerHTML"
    response["HX-Replace-Url"] = listing.request_url(pk)
    response["HX-Trigger"] = json.dumps({"close-dialog": "", "announce": f"{said} {_next_is(context, pk)}".strip()})
    response["HX-Trigger-After-Settle"] = "move-focus"
    return response


def _next_is(context: dict[str, Any], pk: int) -> str:
    page, count, listing = context["page"], context["count"], context["listing"]
    place = next((place for place, row in enumerate(page.rows, 1) if row.id == pk), None)
    if place is None:
        return ""
    where = messages.position(place, count.number, more=count.more, on_page=bool(listing.cursor))
    return f"{page.rows[place - 1].name}, {where}."
