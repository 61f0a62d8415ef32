"""The unmodified huggingface_hub client against the local Hub, method by method."""

import base64
import random

import pytest
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from tests.contract.conftest import DATASET, MODEL, OPEN, WEIGHTS

pytestmark = pytest.mark.processes


def test_whoami(world):
    told = world.author.whoami()
    assert (told["name"], told["auth"]["accessToken"]["role"]) == ("aurora", "write")


def test_whoami_with_a_dead_token(world):
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.whoami(token="hf_nobody")
    assert caught.value.response.status_code == 401


def test_create_repo(world):
    url = world.author.create_repo("aurora/fresh", private=True)
    assert url.repo_id == "aurora/fresh"
    assert world.author.model_info("aurora/fresh").private is True
    with pytest.raises(RepositoryNotFoundError):
        world.requester.model_info("aurora/fresh")


def test_create_repo_that_exists(world):
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.create_repo(MODEL)
    assert caught.value.response.status_code == 409
    assert world.author.create_repo(MODEL, exist_ok=True).repo_id == MODEL


def test_create_repo_in_a_foreign_namespace(world):
    with pytest.raises(HfHubHTTPError) as caught:
        world.requester.create_repo("aurora/mine")
    assert caught.value.response.status_code == 403


def test_create_repo_in_an_organisation(world):
    world.door.org("lab", {"kim": "contributor", "aurora": "read"})
    assert world.requester.create_repo("lab/mine").repo_id == "lab/mine"
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.create_repo("lab/other")
    assert caught.value.response.status_code == 403


def test_create_repo_for_a_space(world):
    world.author.create_repo("aurora/demo", repo_type="space", space_sdk="gradio")
    info = world.stranger.space_info("aurora/demo")
    assert (info.sdk, info.author) == ("gradio", "aurora")
    assert [space.id for space in world.stranger.list_spaces(author="aurora")] == ["aurora/demo"]


def test_delete_repo(world):
    world.author.delete_repo(OPEN)
    assert not world.author.repo_exists(OPEN)
    with pytest.raises(RepositoryNotFoundError):
        world.author.delete_repo(OPEN)
    world.author.delete_repo(OPEN, missing_ok=True)


def test_delete_repo_of_somebody_else(world):
    with pytest.raises(HfHubHTTPError) as caught:
        world.requester.delete_repo(OPEN)
    assert caught.value.response.status_code == 403
    assert world.author.repo_exists(OPEN)


def test_move_repo(world):
    before = world.author.model_info(MODEL)
    world.author.move_repo(MODEL, "aurora/thermo-2")
    after = world.author.model_info("aurora/thermo-2")
    assert after.id == "aurora/thermo-2"
    assert after._id == before._id


def test_model_info(world):
    info = world.stranger.model_info(MODEL, files_metadata=True)
    assert (info.id, info.author, info.gated, info.card_data.license) == (MODEL, "aurora", "manual", "mit")
    assert [file.rfilename for file in info.siblings] == [
        "README.md", "config.json", "model.safetensors", "sub/notes.txt",
    ]  # fmt: skip
    assert info.siblings[2].lfs.size == len(WEIGHTS)
    assert "physics" in info.tags


def test_model_info_of_a_revision_and_expanded(world):
    sha = world.stranger.model_info(MODEL).sha
    assert world.stranger.model_info(MODEL, revision=sha).sha == sha
    assert world.stranger.model_info(MODEL, expand=["gated", "sha"]).sha == sha
    with pytest.raises(RevisionNotFoundError):
        world.stranger.model_info(MODEL, revision="no-such-branch")


def test_dataset_info(world):
    info = world.stranger.dataset_info(DATASET)
    assert (info.id, info.gated) == (DATASET, "auto")


def test_list_models(world):
    assert {model.id for model in world.stranger.list_models(author="aurora")} == {MODEL, OPEN}
    assert [model.id for model in world.stranger.list_models(gated=True)] == [MODEL]
    assert [model.id for model in world.stranger.list_models(search="open")] == [OPEN]
    assert [model.id for model in world.stranger.list_models(filter="physics")] == [MODEL]
    assert [model.id for model in world.stranger.list_models(filter=["physics", "物理"])] == [MODEL]
    assert list(world.stranger.list_models(filter="phys")) == []
    gated = next(iter(world.stranger.list_models(author="aurora", search="thermo", expand=["gated", "cardData"])))
    assert (gated.gated, gated.card_data.license) == ("manual", "mit")


def test_list_models_over_pages(world):
    for number in range(7):
        world.door.repo(f"aurora/many-{number}")
    names = [model.id for model in world.stranger.list_models(author="aurora", search="many", sort="created_at")]
    assert sorted(names) == [f"aurora/many-{number}" for number in range(7)]
    world.door.clear_journal()
    some = list(world.stranger.list_models(author="aurora", search="many", limit=3))
    assert len(some) == 3
    assert len(world.door.journal(path="/api/models")) == 1


def test_list_datasets(world):
    assert [dataset.id for dataset in world.stranger.list_datasets(author="aurora")] == [DATASET]


def test_list_pending_access_requests(world):
    answers = {"Affiliation": "Universität Ω"}
    world.door.requests(MODEL, [{"user": "kim", "timestamp": "2026-05-01T10:00:00Z", "fields": answers}])
    (found,) = world.author.list_pending_access_requests(MODEL)
    assert (found.username, found.fullname, found.email) == ("kim", "Kim Ito", "kim@uni.example")
    assert (found.status, found.fields, found.timestamp.isoformat()) == (
        "pending",
        answers,
        "2026-05-01T10:00:00+00:00",
    )
    assert found.request_id


def test_list_pending_access_requests_over_pages(world):
    world.door.generate(MODEL, 2350, status="pending")
    names = [request.username for request in world.author.list_pending_access_requests(MODEL)]
    assert len(names) == len(set(names)) == 2350


def test_list_accepted_access_requests(world):
    world.door.requests(MODEL, [{"user": "kim", "status": "accepted"}])
    assert [request.username for request in world.author.list_accepted_access_requests(MODEL)] == ["kim"]
    assert list(world.author.list_pending_access_requests(MODEL)) == []


def test_list_rejected_access_requests(world):
    world.door.requests(DATASET, [{"user": "kim", "status": "rejected"}], type="dataset")
    found = world.author.list_rejected_access_requests(DATASET, repo_type="dataset")
    assert [request.username for request in found] == ["kim"]


def test_list_requests_of_a_repository_that_hides_people(world):
    world.door.repo(MODEL, hide_people=True)
    (made,) = world.door.requests(MODEL, [{"user": "kim"}])
    (found,) = world.author.list_pending_access_requests(MODEL)
    assert (found.username, found.email, found.request_id) == (None, None, made["requestId"])
    world.author.accept_access_request(MODEL, request_id=found.request_id)
    assert world.door.row(MODEL, "kim")["status"] == "accepted"


def test_list_requests_without_request_ids(world):
    world.door.settings(requestIds=False)
    world.door.requests(MODEL, [{"user": "kim"}])
    with pytest.raises(KeyError, match="requestId"):
        list(world.author.list_pending_access_requests(MODEL))


def test_accept_access_request(world):
    world.door.requests(MODEL, [{"user": "kim"}])
    world.author.accept_access_request(MODEL, "kim")
    world.requester.auth_check(MODEL)
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.accept_access_request(MODEL, "kim")
    assert caught.value.response.status_code == 404


def test_reject_access_request(world):
    world.door.requests(MODEL, [{"user": "kim"}])
    world.author.reject_access_request(MODEL, "kim", rejection_reason="not this time")
    assert world.door.row(MODEL, "kim")["rejectionReason"] == "not this time"
    with pytest.raises(GatedRepoError, match="has been rejected"):
        world.requester.auth_check(MODEL)


def test_cancel_access_request(world):
    world.door.requests(MODEL, [{"user": "kim", "status": "accepted"}])
    world.author.cancel_access_request(MODEL, "kim")
    with pytest.raises(GatedRepoError, match="awaiting a review"):
        world.requester.auth_check(MODEL)


def test_grant_access(world):
    world.author.grant_access(MODEL, "kim")
    (found,) = world.author.list_accepted_access_requests(MODEL)
    assert (found.username, found.email) == ("kim", None)
    with pytest.raises(HfHubHTTPError, match="already has access"):
        world.author.grant_access(MODEL, "kim")
    with pytest.raises(HfHubHTTPError, match="not gated"):
        world.author.grant_access(OPEN, "kim")


def test_auth_check(world):
    world.author.auth_check(MODEL)
    world.author.auth_check(MODEL, write=True)
    world.stranger.auth_check(OPEN)
    with pytest.raises(GatedRepoError):
        world.requester.auth_check(MODEL)
    with pytest.raises(GatedRepoError):
        world.stranger.auth_check(MODEL)
    with pytest.raises(RepositoryNotFoundError):
        world.author.auth_check("aurora/nothing")
    with pytest.raises(HfHubHTTPError, match="not the required permissions"):
        world.requester.auth_check(OPEN, write=True)


def test_update_repo_settings(world):
    world.author.update_repo_settings(OPEN, gated="manual", private=True)
    info = world.author.model_info(OPEN)
    assert (info.gated, info.private) == ("manual", True)
    world.author.update_repo_settings(OPEN, gated=False, visibility="public")
    assert world.stranger.model_info(OPEN).gated is False


def test_hf_hub_download(world, tmp_path):
    path = world.author.hf_hub_download(MODEL, "model.safetensors", cache_dir=tmp_path)
    with open(path, "rb") as file:
        assert file.read() == WEIGHTS
    world.stranger.hf_hub_download(MODEL, "README.md", cache_dir=tmp_path / "two")
    world.stranger.hf_hub_download(OPEN, "config.json", cache_dir=tmp_path / "three")


def test_hf_hub_download_refused(world, tmp_path):
    with pytest.raises(GatedRepoError):
        world.stranger.hf_hub_download(MODEL, "config.json", cache_dir=tmp_path)
    with pytest.raises(EntryNotFoundError):
        world.author.hf_hub_download(MODEL, "nothing.json", cache_dir=tmp_path)


def test_hf_hub_download_under_the_old_name(world, tmp_path):
    world.author.move_repo(MODEL, "aurora/renamed")
    path = world.author.hf_hub_download(MODEL, "sub/notes.txt", cache_dir=tmp_path)
    with open(path) as file:
        assert file.read() == "notes\n"


def test_snapshot_download(world, tmp_path):
    world.author.snapshot_download(MODEL, local_dir=tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert (tmp_path / "sub" / "notes.txt").read_text() == "notes\n"


def test_snapshot_download_resumed_after_a_cut_body(world, tmp_path):
    # The client writes pieces of 10 MiB; only after a whole one has it something to resume from.
    content = random.Random(1).randbytes(12 * 1024 * 1024)
    world.door.commit(MODEL, {"big.bin": {"base64": base64.b64encode(content).decode(), "lfs": True}})
    world.door.fault("cut_body", method="GET", path="/resolve/.*big.bin", count=1, keep=0.9)
    world.author.snapshot_download(MODEL, local_dir=tmp_path, allow_patterns="big.bin")
    assert (tmp_path / "big.bin").read_bytes() == content
    fetched = world.door.journal(method="GET", path="big.bin")
    assert [(one["status"], one.get("fault")) for one in fetched] == [(200, "cut_body"), (206, None)]


def test_tree_paths_refs_and_commits(world):
    files = {entry.path: entry for entry in world.author.list_repo_tree(MODEL, recursive=True, expand=True)}
    assert files["model.safetensors"].lfs.sha256 != "*" * 64
    assert files["sub"].tree_id
    (entry,) = world.stranger.get_paths_info(MODEL, ["model.safetensors", "not-there"], expand=True)
    assert entry.lfs.sha256 == "*" * 64
    (branch,) = world.author.list_repo_refs(MODEL).branches
    world.door.commit(MODEL, {"sub/notes.txt": None})
    commits = world.author.list_repo_commits(MODEL)
    assert [commit.commit_id for commit in commits][1] == branch.target_commit
    assert world.author.list_repo_files(MODEL) == ["README.md", "config.json", "model.safetensors"]
