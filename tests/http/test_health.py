"""Whether the process lives and may be sent work. With the database away: tests/crash/test_web.py."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client


def test_a_process_lives_without_a_word_of_the_database():
    response = Client().get("/healthz")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"ok\n", "no-store")
    assert Client().post("/healthz").status_code == 405


@pytest.mark.django_db
def test_ready_with_all_tables_and_not_before():
    response = Client().get("/readyz")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert response.json() == {"ready": True, "database": "ok", "migrations": "ok"}
    (newest,) = [name for app, name in MigrationLoader(connection).graph.leaf_nodes() if app == "access"]
    MigrationRecorder(connection).record_unapplied("access", newest)
    response = Client().get("/readyz")
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response.json() == {"ready": False, "database": "ok", "migrations": "missing"}
