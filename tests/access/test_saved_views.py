"""Saved views: one's own lists under names."""

from __future__ import annotations

import pytest

from access import actions
from access.models import SavedView
from hubgate.errors import InvalidInputError, NotFoundOrHiddenError
from tests import factories


def saved(user) -> dict[str, str]:
    return dict(SavedView.objects.filter(user=user).values_list("name", "query"))


def test_a_list_is_saved_opened_renamed_and_removed(signed_in, author, repository):
    factories.ask(repository, "ana", email="ana@gmail.com")
    factories.ask(repository, "ben")
    query = f"status=pending&mail=free&repository={repository.pk}&cursor=o1-1"
    response = signed_in.post("/inbox/views/", {"name": "  Free   mail ", "query": query})
    assert response.status_code == 302
    assert response["Location"] == f"/inbox/?repository={repository.pk}&mail=free"
    assert saved(author) == {"Free mail": f"repository={repository.pk}&mail=free"}
    chip = signed_in.get("/inbox/").context["saved"][0]
    assert (chip.label, chip.count, chip.current) == ("Free mail", "1", False)
    opened = signed_in.get(chip.url)
    assert [row.username for row in opened.context["page"].rows] == ["ana"]
    assert opened.context["saved"][0].current
    pk = SavedView.objects.get().pk
    assert signed_in.post(f"/inbox/views/{pk}/rename/", {"name": "Gmail"}).status_code == 302
    page = signed_in.get("/inbox/views/").content.decode()
    assert "Gmail" in page
    assert "Pending requests · aurora-lab/tiny-gated · Free mail" in page
    signed_in.post(f"/inbox/views/{pk}/remove/")
    assert saved(author) == {}
    assert "No view is saved yet" in signed_in.get("/inbox/views/").content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Give the view a name."),
        ("  \t ", "Give the view a name."),
        ("x" * 81, "at most 80 characters"),
        ("northlake", "called “northlake” already"),
    ],
)
def test_a_name_that_will_not_do_is_told_and_kept(signed_in, author, repository, name: str, sentence: str):
    actions.save_view(actor=factories.actor(author), name="Northlake", query="domain=northlake.edu")
    other = actions.save_view(actor=factories.actor(author), name="Old", query="older=30")
    for path, data in {
        "/inbox/views/": {"query": "mail=free", "name": name},
        f"/inbox/views/{other.pk}/rename/": {"name": name},
    }.items():
        response = signed_in.post(path, data)
        assert response.status_code == 422
        assert sentence in response.content.decode()
        if name.strip():
            assert f'value="{name}"' in response.content.decode()
    assert set(saved(author)) == {"Northlake", "Old"}


def test_a_list_that_means_nothing_is_not_saved(signed_in, author):
    response = signed_in.post("/inbox/views/", {"name": "Frozen", "query": "status=frozen"})
    assert response.status_code == 400
    assert "There is no status “frozen”" in response.content.decode()
    assert saved(author) == {}


def test_a_view_that_means_nothing_any_more_says_so_and_can_go(signed_in, author, repository):
    """As a release that knows other filters leaves one behind."""
    view = actions.save_view(actor=factories.actor(author), name="From before", query="status=escalated")
    assert signed_in.get("/inbox/").context["saved"] == []
    page = signed_in.get("/inbox/views/").content.decode()
    assert "cannot be opened any more. There is no status “escalated”" in page
    assert signed_in.post(f"/inbox/views/{view.pk}/remove/").status_code == 302
    assert saved(author) == {}


def test_nobody_else_s_view_is_there(client, author, repository):
    view = actions.save_view(actor=factories.actor(author), name="Northlake", query="domain=northlake.edu")
    noor = factories.make_author(username="noor", name="Noor Haddad")
    client.force_login(noor)
    assert "Northlake" not in client.get("/inbox/views/").content.decode()
    for act in ("rename", "remove"):
        assert client.post(f"/inbox/views/{view.pk}/{act}/", {"name": "Mine"}).status_code == 404
    with pytest.raises(NotFoundOrHiddenError):
        actions.remove_view(actor=factories.actor(noor), view_id=view.pk)
    actions.save_view(actor=factories.actor(noor), name="Northlake", query="")
    assert saved(author) == {"Northlake": "domain=northlake.edu"}


def test_there_is_an_end_to_saving(author):
    actor = factories.actor(author)
    for number in range(actions.MOST_VIEWS):
        actions.save_view(actor=actor, name=f"View {number}", query="")
    with pytest.raises(InvalidInputError, match="no room for more"):
        actions.save_view(actor=actor, name="One more", query="")
    with pytest.raises(InvalidInputError, match="too many filters"):
        actions.save_view(actor=actor, name="Long", query="q=" + "x" * 2000)
