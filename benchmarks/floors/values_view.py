"""Floor of a list page: a view that gives 50 rows by `.values()` as JSON, without middleware, session or template.

Served by gunicorn as `benchmarks.floors.values_view:application` in hubgate's own environment.
"""

from __future__ import annotations

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

django.setup()
settings.ROOT_URLCONF = __name__
settings.MIDDLEWARE = []

# Models cannot be imported before.
import orjson  # noqa: E402

from access.models import AccessRequest  # noqa: E402
from repos.models import Repository  # noqa: E402

_FIELDS = (
    "id", "asked_at", "status", "email_domain", "repository__name", "person__username", "person__fullname", "answers",
)  # fmt: skip


def page(request: HttpRequest) -> HttpResponse:
    """The first page of what waits in the repositories of a namespace."""
    mine = Repository.objects.filter(namespace__name=request.GET["namespace"]).values_list("pk", flat=True)
    waiting = AccessRequest.objects.filter(status="pending", repository__in=list(mine))
    rows = list(waiting.order_by("-asked_at", "-pk").values(*_FIELDS)[:50])
    return HttpResponse(orjson.dumps(rows), content_type="application/json")


urlpatterns = [path("page/", page)]
application = WSGIHandler()
