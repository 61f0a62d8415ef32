"""Whether this process lives and whether it may be sent work, for load balancers and whoever starts hubgate."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from hubgate.http.failures import RETRY_AFTER_S, is_away

_HEADERS = {"Cache-Control": "no-store"}


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers. It asks nothing of the database: one that is away is no reason to start anew."""
    return HttpResponse("ok\n", content_type="text/plain", headers=_HEADERS)


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 where pages can be served: the database answers, and its tables are those of this version; else 503, with a
    word for each. The broker is not among them: without it decisions are taken all the same, and told later."""
    parts = {"database": "ok", "migrations": "ok"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated():
            parts["migrations"] = "missing"
    except Exception as error:
        if not is_away(error):
            raise
        parts = {"database": "away", "migrations": "unknown"}
    good = set(parts.values()) == {"ok"}
    headers = _HEADERS if good else {**_HEADERS, "Retry-After": str(RETRY_AFTER_S)}
    return JsonResponse({"ready": good, **parts}, status=200 if good else 503, headers=headers)


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
