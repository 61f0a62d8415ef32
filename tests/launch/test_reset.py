"""Starting afresh."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from hubgate.launch import folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with something in it."""
    folder.prepare(tmp_path / "data")
    (tmp_path / "data" / "hubgate.sqlite3").write_text("rows")
    return tmp_path / "data"


def reset(data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hubgate.launch", "reset", "--data", str(data), *options]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)


def reset_answering(data: Path, answer: str) -> int:
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "hubgate.launch", "reset", "--data", str(data)]
        with subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL) as process:
            os.write(ours, f"{answer}\n".encode())
            return process.wait(20)
    finally:
        os.close(ours)
        os.close(theirs)


def test_with_yes_nothing_is_kept(data: Path):
    assert reset(data, "--yes").returncode == 0
    assert not data.exists()


def test_it_asks_a_person_and_takes_only_yes(data: Path):
    assert reset_answering(data, "no") == 1
    assert (data / "hubgate.sqlite3").exists()
    assert reset_answering(data, "yes") == 0
    assert not data.exists()


def test_without_a_person_to_ask_it_wants_yes(data: Path):
    done = reset(data)
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert data.exists()


def test_no_folder_is_nothing_to_remove(tmp_path: Path):
    assert reset(tmp_path / "data", "--yes").returncode == 0


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")
    done = reset(tmp_path / "letters", "--yes")
    assert done.returncode == 1
    assert (tmp_path / "letters" / "dear.txt").exists()


def test_a_folder_in_use_is_left_alone(data: Path):
    with folder.held(data):
        done = reset(data, "--yes")
    assert done.returncode == 1
    assert "already running" in done.stderr
    assert data.exists()


def test_a_database_without_its_key_is_refused(data: Path):
    (data / "keys.env").unlink()
    with pytest.raises(folder.LaunchError, match="Put the file back"):
        folder.prepare(data)


def test_keys_that_others_could_read_are_closed_to_them(data: Path):
    (data / "keys.env").chmod(0o644)
    folder.prepare(data)
    assert (data / "keys.env").stat().st_mode & 0o777 == 0o600
