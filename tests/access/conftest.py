"""An author with a gated repository, signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture(autouse=True)
def _nothing_cached() -> Iterator[None]:
    """The ids of one test's repositories are another's too."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def author(db):
    return factories.make_author()


@pytest.fixture
def repository(author):
    return factories.make_repository(
        card=factories.form_card({"Affiliation": "text", "Role": ["Researcher", "Student"]})
    )


@pytest.fixture
def signed_in(client, author):
    client.force_login(author)
    return client
