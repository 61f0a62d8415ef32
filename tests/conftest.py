"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.db import connection

pytest_plugins = ["tests.hubfixtures", "tests.labfixtures", "tests.procfixtures"]

# A machine that is busy is no reason to fail; and CI tries the same examples each time, so that it says the same twice.
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("here"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.fixture(autouse=True)
def _audit_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits is cleaned up by emptying the tables, which the triggers of the audit trail refuse: they are
    taken away for that, and stand again before the next such test begins."""
    marker = request.node.get_closest_marker("django_db")
    commits = (marker is not None and marker.kwargs.get("transaction")) or bool(
        {"transactional_db", "live_server", "django_db_reset_sequences"} & set(request.fixturenames)
    )
    if not commits:
        yield
        return
    from hubgate.audit import triggers

    request.getfixturevalue("transactional_db")
    triggers.install(connection)
    yield
    triggers.remove(connection)
