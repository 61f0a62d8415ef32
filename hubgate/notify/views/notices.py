"""The list of notices, and the mails that were kept instead of sent."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from hubgate.accounts.queries import actor_of
from hubgate.notify import actions, catalogue, queries

OWN = "own"  # the word in an address for what one is told as a requester
_ADDRESS_LENGTH = 320


@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What one was told, newest first, of all topics or of one."""
    actor, topic = actor_of(request.user), _topic(request.GET.get("topic"))
    page = queries.notice_page(actor, before=_before(request), topic=topic)
    base = {} if topic is None else {"topic": topic or OWN}
    context = {
        "rows": page.rows,
        "older": f"?{urlencode({**base, 'before': page.older})}" if page.older else None,
        "newest": f"?{urlencode(base)}",
        "first": _before(request) is None,
        "unread": queries.count_new(actor),
        "topic": topic,
        "topic_word": base.get("topic", ""),
        "chips": _chips(topic),
    }
    return render(request, "notify/notices.html", context)


@login_required
@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    """Mark all one's notices as read, or those of one topic."""
    topic = _topic(request.POST.get("topic"))
    kinds = None if topic is None else catalogue.kinds_of(topic)
    actions.mark_read(actor=actor_of(request.user), kinds=kinds)
    return HttpResponseRedirect(_list_url(topic))


@login_required
@require_POST
def mark_read(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark one of one's notices as read; nothing happens with somebody else's."""
    actions.mark_read(actor=actor_of(request.user), notification_id=notification_id)
    return HttpResponseRedirect(f"{_list_url(_topic(request.POST.get('topic')))}#n{notification_id}")


@login_required
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The kept mails, newest first, by address."""
    address = request.GET.get("q", "").replace("\0", "").strip()[:_ADDRESS_LENGTH]
    page = queries.kept_mails(actor_of(request.user), address=address, before=_before(request))
    older = {"before": page.older, **({"q": address} if address else {})}
    context = {
        "rows": page.rows,
        "address": address,
        "first": _before(request) is None,
        "older": f"?{urlencode(older)}" if page.older else None,
    }
    return render(request, "notify/mail.html", context)


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _topic(word: str | None) -> str | None:
    """The topic that a word of the address means: empty for what one is told as a requester, None for all."""
    if word == OWN:
        return ""
    return word if word and word in {topic.key for topic in catalogue.topics()} else None


def _list_url(topic: str | None) -> str:
    query = "" if topic is None else f"?{urlencode({'topic': topic or OWN})}"
    return reverse("notify:notices") + query


def _chips(chosen: str | None) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is in force, for each topic."""
    topics: list[tuple[str, str | None]] = [("All", None)]
    topics += [(topic.name, topic.key) for topic in catalogue.topics()]
    topics.append(("Your own requests", ""))
    return [(name, _list_url(key), key == chosen) for name, key in topics]
