"""An author with a gated repository, signed in."""

from __future__ import annotations

import pytest

from tests import factories


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
