"""An author, somebody else, and their browsers."""

from __future__ import annotations

import pytest
from django.test import Client

from hubgate.accounts.models import User
from tests import factories


@pytest.fixture
def author(db) -> User:
    """Mara Keller, who connected aurora-lab with a working token."""
    return factories.make_author()


@pytest.fixture
def as_author(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


@pytest.fixture
def as_stranger(db) -> Client:
    """Somebody signed in who runs another namespace."""
    client = Client()
    client.force_login(factories.make_author("other-lab", "olaf", name="Olaf Other"))
    return client


def shown(page: str) -> str:
    """The main part of a page, without the frame, whose forms hold a new token each time."""
    return page.partition("<main")[2].partition("</main>")[0]
