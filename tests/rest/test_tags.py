"""Content tags over REST: an author's word, a reader's proposal, and the lists that keep to it."""

from __future__ import annotations

import pytest

from hubgate.accounts.models import User
from hubgate.outbox import queries as outbox
from repos.models import Repository
from repos.rules import CONTENT_TAG
from tagging.models import Proposal
from tests import factories
from tests.rest.conftest import Caller, caller


@pytest.fixture
def reader(db: None) -> Caller:
    """Somebody who runs nothing."""
    return caller(User.objects.create_user("nia", email="nia@hubgate.example", first_name="Nia"))


@pytest.mark.django_db(transaction=True)
def test_an_author_sets_the_tag_and_the_card_is_due(script: Caller, repository: Repository):
    path = f"repositories/{repository.pk}/tag"
    assert script.get(path).json()["tagged"] is False
    told = script.call("PUT", path, {"is_set": True, "reason": "It quotes slurs."})
    assert told.status_code == 200
    assert {"tagged": True, "is_set": True, "waits": True, "on_the_hub": False}.items() <= told.json().items()
    assert told.json()["rulings"][0]["reason"] == "It quotes slurs."
    assert outbox.states(CONTENT_TAG, [repository.pk])[str(repository.pk)].behind
    again = script.call("PUT", path, {"is_set": True, "reason": "Once more"})
    assert (again.status_code, again.json()["code"]) == (409, "already_so")
    no_reason = script.call("PUT", path, {"is_set": False, "reason": " "})
    assert no_reason.status_code == 400
    assert "reason" in no_reason.json()["errors"]


@pytest.mark.django_db(transaction=True)
def test_a_reader_proposes_an_author_rules_and_the_reader_reads_why(
    script: Caller, reader: Caller, repository: Repository
):
    path = f"repositories/{repository.pk}/tag"
    assert reader.call("PUT", path, {"is_set": True, "reason": "x"}).json()["code"] == "not_allowed"
    made = reader.post(f"{path}/proposals", {"evidence": "Gore in 2.png", "links": ["https://example.com/2.png"]})
    assert made.status_code == 201
    assert reader.post(f"{path}/proposals", {"evidence": "Again"}).json()["code"] == "proposed_already"
    bad = reader.post(f"{path}/proposals", {"evidence": "x", "links": ["javascript:alert(1)"]})
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["links"])
    (waiting,) = script.get("tag-proposals").json()["results"]
    assert waiting["evidence"] == "Gore in 2.png"
    ruled = script.post(f"tag-proposals/{waiting['id']}/rule", {"accept": True, "reason": "It is there."})
    assert (ruled.status_code, ruled.json()["status"]) == (200, "accepted")
    (mine,) = reader.get("tag-proposals?which=own").json()["results"]
    assert mine["ruling"]["reason"] == "It is there."
    assert reader.post(f"tag-proposals/{mine['id']}/withdraw").json()["code"] == "closed_meanwhile"
    assert script.get(path).json()["tagged"] is True
    assert Proposal.objects.get().ruling.made_by_label == "Mara Keller"


@pytest.mark.django_db(transaction=True)
def test_lists_keep_to_an_audience(script: Caller, repository: Repository):
    tagged = factories.make_repository("aurora-lab/tagged", card="---\ntags: [not-for-all-audiences]\n---\n")
    found = {
        audience: {row["name"] for row in script.get(f"repositories?audience={audience}").json()["results"]}
        for audience in ("all", "nfaa", "not-nfaa")
    }
    assert found["nfaa"] == {tagged.name}
    assert found["not-nfaa"] == {repository.name}
    assert found["all"] == found["nfaa"] | found["not-nfaa"]
    assert script.get("repositories?audience=everyone").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_a_reader_keeps_a_choice(reader: Caller):
    assert reader.get("me/content-preference").json() == {"choice": "warn"}
    assert reader.call("PUT", "me/content-preference", {"choice": "hide"}).status_code == 200
    assert reader.get("me/content-preference").json() == {"choice": "hide"}
    assert reader.call("PUT", "me/content-preference", {"choice": "burn"}).status_code == 400
