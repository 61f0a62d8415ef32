"""`/settings/webhooks`: a person's webhooks, what they were sent, and a form for a new one."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from hubgate.localhub import callers, webhooks
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Delivery, Membership, Webhook
from hubgate.localhub.pages.layout import go, page, render
from hubgate.localhub.views.webhooks import DOMAINS, checked

SHOWN = 5


def _spaces(person: Account) -> list[Account]:
    """The namespaces that the form offers to watch: the person's own and their organisations."""
    orgs = Membership.objects.filter(person=person).select_related("org").order_by("org__folded")
    return [person, *(membership.org for membership in orgs)]


@csrf_protect
@require_http_methods(["GET", "POST"])
@page
def index(request: HttpRequest) -> HttpResponse:
    """The list; a POST adds a webhook, takes away the one that `remove` names, or sends the call `replay` again."""
    person = callers.session(request).person
    if person is None:
        return go(request, "/login?next=/settings/webhooks")
    if request.method == "POST" and "remove" in request.POST:
        Webhook.objects.filter(person=person, hub_id=request.POST["remove"]).delete()
        return go(request, "/settings/webhooks", "The webhook is gone.")
    if request.method == "POST" and "replay" in request.POST:
        rows = Delivery.objects.filter(webhook__person=person).select_related("webhook")
        row = rows.filter(hub_id=request.POST["replay"]).first()
        if row is None:
            raise Refusal(404, "There is no such call.")
        with transaction.atomic():
            webhooks.queue(row.webhook, row.payload)
        return go(request, "/settings/webhooks", "It is sent again.")
    spaces = _spaces(person)
    if request.method == "POST":
        watched = next((space for space in spaces if space.name == request.POST.get("watched")), None)
        if watched is None:
            raise Refusal(400, "Choose a namespace of yours to watch.")
        body = {
            "url": request.POST.get("url", "").strip(),
            "secret": request.POST.get("secret", "").strip(),
            "watched": [{"type": watched.kind, "name": watched.name}],
            "domains": [domain for domain in DOMAINS if request.POST.get(domain) == "on"],
        }
        Webhook.objects.create(person=person, **checked(body, fresh=True))
        return go(request, "/settings/webhooks", "The webhook is there.")
    hooks = [
        {
            "hook": hook,
            "watched": ", ".join(item["name"] for item in hook.watched),
            "domains": ", ".join(hook.domains),
            "deliveries": hook.deliveries.order_by("-id")[:SHOWN],
        }
        for hook in person.webhooks.order_by("-id")
    ]
    return render(request, "webhooks", {"hooks": hooks, "spaces": spaces})
