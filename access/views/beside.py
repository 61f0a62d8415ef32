"""What the panel shows beside a request."""

from __future__ import annotations

from typing import Any

from access import messages, queries, states
from access.forms import NoteForm
from access.queries import Detail
from access.views.listing import Listing
from hubgate.actors import Actor

SIBLINGS = 6


def beside_context(actor: Actor, detail: Detail, listing: Listing) -> dict[str, Any]:
    """The facts, notes and people beside one request."""
    request = detail.request
    beside = queries.beside(actor, request)
    may_reset = states.RESET_VERB in detail.verbs and not detail.blocked
    return {
        "beside": beside,
        "notes": beside.notes,
        "note_form": NoteForm(),
        "reviewers": beside.reviewers,
        "others_here": messages.others_here([(viewer.name, viewer.deciding) for viewer in beside.viewers]),
        "stand": queries.stand(request),
        "mail_note": messages.mail_note(
            request.email_kind, bool(request.email), beside.typed_addresses, beside.other_addresses
        ),
        "mail_is_odd": request.email_kind == "disposable" or bool(beside.other_addresses),
        "not_asked": beside.not_asked[:SIBLINGS],
        "not_asked_more": len(beside.not_asked) > SIBLINGS,
        "complete_url": listing.request_url(request.pk, states.RESET_VERB) if may_reset else "",
    }
