"""Git's and LFS's own ids, compared with what git says."""

import hashlib
import shutil
import subprocess

import pytest

from hubgate.localhub import blobs


def test_ids_of_blob_and_pointer():
    assert blobs.git_id("blob", b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    sha256 = hashlib.sha256(b"weights").hexdigest()
    assert blobs.pointer(sha256, 7).decode().splitlines() == [
        "version https://git-lfs.github.com/spec/v1",
        f"oid sha256:{sha256}",
        "size 7",
    ]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_tree_ids_are_those_of_git(tmp_path):
    files = {
        "a.txt": b"one\n",
        "dir/b.txt": b"two\n",
        "dir.txt": b"three\n",
        "dir/deep/c": b"four\n",
        "dir0": b"five\n",
    }
    for path, content in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def git(*words):
        return subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("-c", "core.autocrlf=false", "add", "-A")
    root = git("write-tree")
    ids = blobs.tree_ids((path, blobs.git_id("blob", content)) for path, content in files.items())
    assert ids[""] == root
    assert ids["dir/deep"] == git("rev-parse", f"{root}:dir/deep")
