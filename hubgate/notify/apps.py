from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    name = "hubgate.notify"
    label = "notify"

    def ready(self) -> None:
        from hubgate.http import web
        from hubgate.notify import actions, catalogue, handlers, trials
        from hubgate.outbox import registry

        catalogue.register(trials.TEST, trials.MESSAGE)
        registry.register(actions.DELIVER_MAIL, handlers.deliver_mail, batch=20, lease_s=300, label="Mails")
        web.register_bell(_bell)
        web.register_nav(80, _mail_entry)


def _bell(request: Any) -> Any:
    from django.urls import reverse

    from hubgate.accounts.queries import actor_of
    from hubgate.http.web import Bell
    from hubgate.notify import queries

    actor = actor_of(request.user)
    return Bell(reverse("notify:notices"), queries.count_new(actor)) if actor.user_id else None


def _mail_entry(request: Any) -> Any:
    from django.urls import reverse

    from hubgate.accounts.queries import actor_of
    from hubgate.http.web import NavItem
    from hubgate.notify import queries

    if not queries.may_read_mail(actor_of(request.user)):
        return None
    url = reverse("notify:mail")
    return NavItem("Mail", url, "mail", current=request.path == url)
