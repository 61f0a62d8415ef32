"""Commits, pull requests and discussions by the unmodified huggingface_hub client against the local Hub."""

import io
import random
import warnings

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from huggingface_hub.errors import EntryNotFoundError, GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from tests.contract.conftest import DATASET, MODEL, OPEN

pytestmark = pytest.mark.processes
LARGE = random.Random(7).randbytes(11 * 2**20)


def content(client, repo, path, tmp_path, **more):
    with open(client.hf_hub_download(repo, path, cache_dir=tmp_path, **more), "rb") as file:
        return file.read()


def test_upload_file(world, tmp_path):
    info = world.author.upload_file(repo_id=OPEN, path_in_repo="a/b.txt", path_or_fileobj=b"hello\n")
    assert info.oid == world.author.model_info(OPEN).sha
    assert content(world.author, OPEN, "a/b.txt", tmp_path) == b"hello\n"


def test_upload_the_same_file_again_makes_no_commit(world):
    before = world.author.model_info(OPEN).sha
    again = world.author.upload_file(repo_id=OPEN, path_in_repo="config.json", path_or_fileobj=b"{}\n")
    assert again.oid == before == world.author.model_info(OPEN).sha


@pytest.mark.filterwarnings("ignore:Use .content=:DeprecationWarning")  # the client's own call
def test_upload_a_large_file_by_lfs(world, tmp_path):
    world.author.upload_file(repo_id=OPEN, path_in_repo="w.bin", path_or_fileobj=io.BytesIO(LARGE))
    info = world.author.model_info(OPEN, files_metadata=True)
    (file,) = [one for one in info.siblings if one.rfilename == "w.bin"]
    assert file.lfs.size == len(LARGE)
    assert content(world.author, OPEN, "w.bin", tmp_path) == LARGE
    puts = world.door.journal(method="PUT", path="/lfs-objects/")
    assert [one["status"] for one in puts] == [200]
    world.author.upload_file(repo_id=OPEN, path_in_repo="again.bin", path_or_fileobj=io.BytesIO(LARGE))
    assert len(world.door.journal(method="PUT", path="/lfs-objects/")) == 1


def test_upload_a_large_file_with_the_command(world, tmp_path, hf):
    big = tmp_path / "big.safetensors"
    big.write_bytes(LARGE)
    done = hf("upload", OPEN, str(big), "big.safetensors", HF_HUB_DISABLE_XET="1")
    assert done.returncode == 0, done.stderr
    assert content(world.author, OPEN, "big.safetensors", tmp_path / "cache") == LARGE


def test_upload_without_rights(world):
    for client in (world.requester, world.stranger):
        with pytest.raises((HfHubHTTPError, RepositoryNotFoundError)) as caught:
            client.upload_file(repo_id=OPEN, path_in_repo="x", path_or_fileobj=b"x")
        assert caught.value.response.status_code in (401, 403)


def test_delete_file(world):
    world.author.delete_file("config.json", OPEN)
    assert world.author.list_repo_files(OPEN) == ["README.md"]
    with pytest.raises(EntryNotFoundError):
        world.author.delete_file("config.json", OPEN)


def test_create_commit_with_all_operations(world, tmp_path):
    world.author.create_commit(
        MODEL,
        [
            CommitOperationAdd("new.txt", b"new"),
            CommitOperationDelete("sub/"),
            CommitOperationCopy("config.json", "copy.json"),
            CommitOperationCopy("model.safetensors", "copy.safetensors"),
        ],
        commit_message="Move things",
        commit_description="All at once",
    )
    assert set(world.author.list_repo_files(MODEL)) == {
        "README.md", "config.json", "copy.json", "copy.safetensors", "model.safetensors", "new.txt",
    }  # fmt: skip
    assert content(world.author, MODEL, "copy.json", tmp_path) == b'{"hidden_size": 8}\n'
    newest = world.author.list_repo_commits(MODEL)[0]
    assert (newest.title, newest.message, newest.authors) == ("Move things", "All at once", ["aurora"])


def test_create_commit_on_a_moved_parent(world):
    parent = world.author.model_info(OPEN).sha
    add = CommitOperationAdd("x", b"1")
    world.author.create_commit(OPEN, [add], commit_message="one", parent_commit=parent)
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.create_commit(OPEN, [CommitOperationAdd("x", b"2")], commit_message="two", parent_commit=parent)
    assert caught.value.response.status_code == 412


def test_an_invalid_card_is_refused_before_it_is_sent(world):
    with pytest.raises(ValueError, match="Invalid metadata in README.md"):
        world.author.upload_file(repo_id=OPEN, path_in_repo="README.md", path_or_fileobj=b"---\na: [\n---\n")
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        world.author.upload_file(repo_id=OPEN, path_in_repo="README.md", path_or_fileobj=b"# plain\n")


def test_metadata_update(world, python):
    """In a process of its own: the client reads its endpoint when it is imported."""
    tags = ["physics", "not-for-all-audiences"]
    done = python(
        f"from huggingface_hub import metadata_update\nmetadata_update({MODEL!r}, {{'tags': {tags}}}, overwrite=True)"
    )
    assert done.returncode == 0, done.stderr
    info = world.stranger.model_info(MODEL)
    assert info.card_data.tags == tags
    assert set(tags) <= set(info.tags)
    assert info.card_data.license == "mit"


def test_create_commit_as_a_pull_request(world, tmp_path):
    info = world.requester.create_commit(
        OPEN, [CommitOperationAdd("proposal.txt", b"p")], commit_message="Propose it", create_pr=True
    )
    assert (info.pr_num, info.pr_revision) == (1, "refs/pr/1")
    found = world.stranger.get_discussion_details(OPEN, 1)
    assert (found.title, found.status, found.author, found.is_pull_request) == ("Propose it", "open", "kim", True)
    assert (found.target_branch, found.conflicting_files, found.merge_commit_oid) == ("refs/heads/main", [], None)
    assert found.git_reference == "refs/pr/1"
    assert "+p" in found.diff.splitlines()
    assert [event.type for event in found.events] == ["comment", "commit"]
    world.author.merge_pull_request(OPEN, 1, comment="Thanks")
    merged = world.stranger.get_discussion_details(OPEN, 1)
    assert merged.status == "merged"
    assert merged.merge_commit_oid == world.author.model_info(OPEN).sha
    assert content(world.author, OPEN, "proposal.txt", tmp_path) == b"p"
    assert world.author.list_repo_commits(OPEN)[0].title == "Propose it (#1)"
    with pytest.raises(HfHubHTTPError):
        world.author.merge_pull_request(OPEN, 1)


def test_a_pull_request_on_a_gated_repository_needs_access(world):
    with pytest.raises(GatedRepoError):
        world.requester.create_commit(MODEL, [CommitOperationAdd("x", b"x")], commit_message="x", create_pr=True)


def test_create_pull_request_is_a_draft_until_published(world):
    made = world.requester.create_pull_request(OPEN, "Draft it", description="Soon")
    assert (made.status, made.num, made.events[0].content) == ("draft", 1, "Soon")
    world.requester.upload_file(repo_id=OPEN, path_in_repo="d.txt", path_or_fileobj=b"d", revision="refs/pr/1")
    with pytest.raises(HfHubHTTPError, match="it is draft"):
        world.author.merge_pull_request(OPEN, 1)
    world.requester.change_discussion_status(OPEN, 1, "open")
    with pytest.raises(HfHubHTTPError) as caught:
        world.requester.merge_pull_request(OPEN, 1)
    assert caught.value.response.status_code == 403
    world.author.merge_pull_request(OPEN, 1)
    assert "d.txt" in world.author.list_repo_files(OPEN)


def test_a_pull_request_in_conflict(world):
    world.requester.create_commit(
        OPEN, [CommitOperationAdd("config.json", b"theirs")], commit_message="Change it", create_pr=True
    )
    world.author.upload_file(repo_id=OPEN, path_in_repo="config.json", path_or_fileobj=b"ours")
    assert world.author.get_discussion_details(OPEN, 1).conflicting_files == ["config.json"]
    with pytest.raises(HfHubHTTPError, match="conflicts with main"):
        world.author.merge_pull_request(OPEN, 1)


def test_discussions(world):
    made = world.requester.create_discussion(DATASET, "A question", description="Why?", repo_type="dataset")
    assert (made.num, made.status, made.is_pull_request, made.url) == (
        1,
        "open",
        False,
        f"{world.door.base_url}/datasets/{DATASET}/discussions/1",
    )
    said = world.author.comment_discussion(DATASET, 1, "Because **so**", repo_type="dataset")
    assert (said.content, said.edited, "<strong>so</strong>" in said.rendered) == ("Because **so**", False, True)
    with pytest.raises(HfHubHTTPError):
        world.requester.edit_discussion_comment(DATASET, 1, said.id, "mine", repo_type="dataset")
    edited = world.author.edit_discussion_comment(DATASET, 1, said.id, "Because", repo_type="dataset")
    assert (edited.content, edited.edited, edited.number_of_edits) == ("Because", True, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hidden = world.author.hide_discussion_comment(DATASET, 1, said.id, repo_type="dataset")
    assert (hidden.hidden, hidden.content) == (True, "")
    renamed = world.requester.rename_discussion(DATASET, 1, "A better question", repo_type="dataset")
    assert (renamed.old_title, renamed.new_title) == ("A question", "A better question")
    closed = world.author.change_discussion_status(DATASET, 1, "closed", comment="Done", repo_type="dataset")
    assert closed.new_status == "closed"
    with pytest.raises(HfHubHTTPError, match="closed already"):
        world.author.change_discussion_status(DATASET, 1, "closed", repo_type="dataset")
    found = world.stranger.get_discussion_details(DATASET, 1, repo_type="dataset")
    assert [event.type for event in found.events] == ["comment", "comment", "title-change", "comment", "status-change"]
    assert (found.title, found.status) == ("A better question", "closed")


def test_discussions_are_listed_over_pages(world):
    for number in range(28):
        world.requester.create_discussion(OPEN, f"Question {number}")
    world.author.create_pull_request(OPEN, "A pull request")
    world.author.change_discussion_status(OPEN, 3, "closed")
    everything = list(world.stranger.get_repo_discussions(OPEN))
    assert [one.num for one in everything] == list(range(29, 0, -1))
    pulls = world.stranger.get_repo_discussions(OPEN, discussion_type="pull_request")
    assert [one.title for one in pulls] == ["A pull request"]
    assert [one.num for one in world.stranger.get_repo_discussions(OPEN, discussion_status="closed")] == [3]
    assert len(list(world.stranger.get_repo_discussions(OPEN, author="kim", discussion_status="open"))) == 27


def test_discussions_refuse_what_the_hub_refuses(world):
    for client, title in ((world.author, "ab"), (world.author, "x" * 201), (world.stranger, "A question")):
        with pytest.raises(HfHubHTTPError):
            client.create_discussion(OPEN, title)
    with pytest.raises(HfHubHTTPError) as caught:
        world.author.get_discussion_details(OPEN, 7)
    assert caught.value.response.status_code == 404
    world.author.create_discussion(OPEN, "A question")
    with pytest.raises(HfHubHTTPError) as caught:
        world.requester.rename_discussion(OPEN, 1, "Mine now")
    assert caught.value.response.status_code == 403
    with pytest.raises(HfHubHTTPError, match="not a pull request"):
        world.author.merge_pull_request(OPEN, 1)
