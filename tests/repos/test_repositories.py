"""Repositories and cards as the local Hub shows them: renamed, hidden, deleted, gates and forms that change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from access.models import AccessRequest
from hubgate.audit.models import AuditEvent
from hubgate.hub.types import RepoInfo
from repos import actions, queries, rules
from repos.models import FormVersion, Repository
from tests import factories
from tests.labfixtures import Lab

FORM = "---\nextra_gated_fields:\n  Use: text\n---\n"
MORE = "---\nextra_gated_fields:\n  Use: text\n  Land: country\n---\n"
BROKEN = "---\nextra_gated_fields:\n\tUse: text\n---\n"


def events(repository: Repository) -> list[str]:
    found = AuditEvent.objects.filter(subject_type="repository", subject_id=repository.pk).order_by("pk")
    return [event.event.rsplit(".", 1)[1] for event in found]


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_every_kind_is_found_and_a_second_round_changes_nothing(lab: Lab, kind: str):
    repository = lab.repository("thing", type=kind, **({"sdk": "gradio", "gated": False} if kind == "space" else {}))
    assert repository.kind == kind
    assert repository.hub_id
    before = AuditEvent.objects.count()
    lab.mirror()
    assert AuditEvent.objects.count() == before
    assert not lab.namespace.mirror_error


def test_a_rename_keeps_the_history(lab: Lab):
    repository = lab.repository("old-name")
    lab.ask(repository, "kim")
    lab.hub.move_repo("aurora-lab/old-name", "aurora-lab/new-name")
    mirror = lab.read_due(repository)
    assert "is called aurora-lab/new-name now" in mirror.error
    assert AccessRequest.objects.get().status == "pending"
    lab.mirror()
    moved = Repository.objects.get(pk=repository.pk)
    assert (moved.name, moved.former_names) == ("aurora-lab/new-name", ["aurora-lab/old-name"])
    assert "renamed" in events(repository)
    assert not lab.read_due(moved).error
    request = AccessRequest.objects.get()
    lab.decide(request, "accept")
    lab.push()
    assert lab.hub_status(moved, "kim") == "accepted"


def test_a_push_to_a_renamed_repository_waits_for_the_round_and_goes_out(lab: Lab):
    repository = lab.repository("old-name")
    (request,) = lab.ask(repository, "kim")
    lab.decide(request, "accept")
    lab.hub.move_repo("aurora-lab/old-name", "aurora-lab/new-name")
    lab.push()
    state = lab.state(request)
    assert (state.behind, state.parked) == (True, False)
    lab.mirror()
    lab.push()
    assert lab.hub_status(lab.find("aurora-lab/new-name"), "kim") == "accepted"


def test_private_is_seen_and_every_grant_is_kept(lab: Lab):
    repository = lab.repository()
    lab.ask(repository, "kim", status="accepted")
    lab.hub.repo(repository.name, private=True)
    lab.mirror()
    lab.compare(repository)
    assert lab.find(repository.name).private
    assert events(repository)[-1] == "visibility-changed"
    assert lab.request(repository, "kim").status == "accepted"


def test_a_single_404_deletes_nothing_and_a_proven_round_marks(lab: Lab):
    repository, other = lab.repository(), lab.repository("other")
    lab.ask(repository, "kim")
    lab.hub.fault("server_error", status=404, path=f"{repository.name}/user-access-request", count=1)
    assert lab.read_due(repository).error
    repository.refresh_from_db()
    assert repository.missing_since is None

    lab.hub.delete_repo(repository.name)
    error = lab.read_due(repository).error
    assert "knows no repository aurora-lab/tiny-gated any more" in error
    repository.refresh_from_db()
    assert repository.missing_since is None
    lab.hub.fault("list_cap", path="/api/models\\?", rows=0)
    lab.hub.fault("server_error", path="/api/datasets")
    lab.mirror()
    assert not Repository.objects.exclude(missing_since=None).exists()
    lab.hub.clear_faults()
    lab.mirror()
    repository.refresh_from_db()
    other.refresh_from_db()
    assert (repository.missing_since is None, other.missing_since is None) == (False, True)
    assert events(repository)[-1] == "missing"
    assert AccessRequest.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("gated", "word"),
    [(False, "open"), ("auto", "auto"), ("manual", "manual"), ("members", "members"), (None, "unknown")],
)
def test_a_gate_word_that_nobody_knows_is_kept_and_closed(db, gated, word: str):
    factories.make_author()
    repository = factories.make_repository(gated=gated)
    assert repository.gate == word
    assert (rules.is_open(repository.gate)) is (gated is False)


def test_what_the_hub_does_not_say_changes_nothing(db):
    factories.make_author()
    repository = factories.make_repository(private=True)
    info = RepoInfo(
        kind="models", id=repository.name, hub_id=repository.hub_id, author=None, gated="manual", private=None,
        disabled=None, sha=repository.sha, tags=(), last_modified=None, created_at=None, card_data=None,
    )  # fmt: skip
    for found in (info, replace(info, hub_id=None)):
        actions.record_repositories(
            namespace=repository.namespace, infos=[found], read_at=timezone.now(), complete=False
        )
    repository.refresh_from_db()
    assert (repository.private, repository.missing_since) == (True, None)
    assert Repository.objects.count() == 1


def test_the_gate_may_go_round_and_nothing_is_lost(lab: Lab):
    """Manual, auto, off, manual: the Hub keeps its rows, and so do we (report 25)."""
    repository = lab.repository()
    lab.hub.requests(
        repository.name,
        [{"user": name, "status": status} for name, status in
         (("a", "pending"), ("b", "pending"), ("c", "accepted"), ("d", "rejected"))],
    )  # fmt: skip
    lab.compare(repository)
    before = list(AccessRequest.objects.order_by("pk").values("pk", "status", "hub_status", "decided_at"))
    for gate in ("auto", False, "manual"):
        lab.hub.repo(repository.name, gated=gate)
        lab.mirror()
        for _ in range(3):
            lab.read_due(repository)
        assert list(AccessRequest.objects.order_by("pk").values("pk", "status", "hub_status", "decided_at")) == before
    changes = AuditEvent.objects.filter(event="repos.repository.gate-changed").order_by("pk")
    assert [(event.data["before"], event.data["after"]) for event in changes] == [
        ("manual", "auto"), ("auto", "open"), ("open", "manual"),
    ]  # fmt: skip
    assert lab.sent() == []


def test_a_form_that_changes_makes_a_version_and_requests_keep_theirs(lab: Lab):
    repository = lab.repository(files={"README.md": FORM})
    lab.ask(repository, "kim", fields={"Use": "Thesis"}, timestamp="2026-01-01T00:00:00Z")
    lab.hub.commit(repository.name, {"README.md": MORE})
    lab.mirror()
    lab.ask(repository, "lee", fields={"Use": "Work", "Land": "GH"}, timestamp="2026-02-01T00:00:00Z")
    lab.hub.commit(repository.name, {"README.md": MORE + "\nOnly the text below changed.\n"})
    lab.mirror()
    assert [form.number for form in FormVersion.objects.order_by("number")] == [1, 2]
    numbers = {str(one.person): one.form and one.form.number for one in AccessRequest.objects.select_related("form")}
    assert numbers == {"kim": 1, "lee": 2}


def test_a_card_that_stops_parsing_leaves_the_good_form_in_force(lab: Lab):
    repository = lab.repository(files={"README.md": FORM})
    assert repository.form is not None
    lab.hub.commit(repository.name, {"README.md": BROKEN})
    lab.mirror()
    broken = lab.find(repository.name)
    assert (broken.form, broken.sha == broken.card_sha) == (repository.form, True)
    (error,) = queries.card_state(broken).errors
    assert error.line == 3
    assert events(repository)[-1] == "card-unreadable"
    lab.ask(repository, "kim", fields={"Use": "Thesis"})
    assert lab.request(repository, "kim").form == repository.form
    lab.hub.commit(repository.name, {"README.md": FORM})
    lab.mirror()
    assert queries.card_state(lab.find(repository.name)).errors == []
    assert FormVersion.objects.count() == 1


def test_one_card_that_cannot_be_read_holds_up_no_other(lab: Lab):
    for name in ("a-first", "b-second"):
        lab.hub.repo(f"aurora-lab/{name}", gated="manual", files={"README.md": FORM})
    lab.hub.fault("server_error", status=404, path="a-first/resolve")
    lab.mirror()
    assert lab.find("aurora-lab/b-second").form is not None
    assert "The card of aurora-lab/a-first could not be read" in lab.namespace.mirror_error
    lab.hub.clear_faults()
    lab.mirror()
    assert lab.find("aurora-lab/a-first").form is not None
    assert lab.namespace.mirror_error == ""


@pytest.mark.parametrize(("gate", "loud"), [(False, True), ("manual", False), ("auto", False)])
def test_a_card_that_asks_for_a_gate_that_is_not_there_is_loud(lab: Lab, gate, loud: bool):
    repository = lab.repository(gated=gate, files={"README.md": "---\ngated: true\n---\n" if gate is False else FORM})
    notice = queries.card_state(repository).loud
    assert (notice is not None and notice.code == "gate_not_set") is loud
