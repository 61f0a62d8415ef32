"""How long access to a repository lasts: an author's choice."""

from __future__ import annotations

import pytest

from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotAllowedError
from repos import actions
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_an_author_sets_it_and_the_page_says_it(client):
    author = factories.make_author()
    repository = factories.make_repository()
    client.force_login(author)
    page = f"/repositories/{repository.pk}/"
    assert "Access lasts: it never ends." in client.get(page).text
    url = f"{page}access-length/"
    assert client.post(url, {"usual": "90", "most": "365"}).status_code == 302
    assert client.post(url, {"usual": "90", "most": "365"}).status_code == 302
    assert "Access lasts: 90 days, at most 365 days." in client.get(page).text
    assert AuditEvent.objects.filter(event="repos.repository.grant-days-chosen").count() == 1
    for wrong in ({"usual": "0"}, {"usual": "400", "most": "365"}, {"most": "soon"}, {"usual": "99999999"}):
        assert client.post(url, wrong).status_code == 422, wrong
    assert client.post(url, {}).status_code == 302
    repository.refresh_from_db()
    assert (repository.grant_days, repository.most_grant_days) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_nobody_else_sets_it():
    factories.make_author()
    other = factories.make_author("meridian", "ines")
    repository = factories.make_repository()
    with pytest.raises(NotAllowedError):
        actions.choose_grant_days(actor=factories.actor(other), repository=repository, usual=1, most=None)
    with pytest.raises(InvalidInputError, match="from 1 to 3,660"):
        actions.choose_grant_days(actor=factories.actor(other), repository=repository, usual=None, most=4000)
