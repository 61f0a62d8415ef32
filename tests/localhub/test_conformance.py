"""The recorded exchanges, and the runner that `./run conformance` calls."""

import json
from pathlib import Path

import pytest

from hubgate.localhub.conformance import Runner, load, main, target

CASES = load(Path(__file__).parents[1] / "data" / "conformance" / "cases.json")


@pytest.fixture(scope="module")
def runner(local_hub):
    made = Runner(local_hub)
    yield made
    made.close()


@pytest.mark.processes
@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_recorded_exchange(runner, case):
    assert runner.run(case) == []


def test_all_exchanges_are_here():
    assert len(CASES) == 104


@pytest.mark.processes
def test_the_runner_tells_what_failed(tmp_path, capsys):
    good = {"id": "good", "method": "GET", "path": "/api/whoami-v2", "as": "owner", "expect": {"status": 200}}
    bad = {"id": "bad", "method": "GET", "path": "/api/whoami-v2", "expect": {"status": 200}}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([good, bad]))
    assert main([str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "FAILED bad"
    assert "status 401 instead of 200" in lines[1]
    assert lines[-1] == "1 passed, 1 failed"
    file.write_text(json.dumps([good]))
    assert main([str(file)]) == 0


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '[{"id": "x"}]', '[{"id": "x", "method": "GET", "path": "/", "expect": {}}]']
)
def test_a_file_that_cannot_be_run_is_status_2(tmp_path, capsys, content):
    file = tmp_path / "cases.json"
    file.write_text(content)
    assert main([str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_a_missing_file_or_unknown_target_is_status_2(tmp_path, capsys):
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([str(tmp_path / "none.json"), "--target", "moon"]) == 2
    assert "moon" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/models/a/b/auth-check?x=/c", ("a/b", "model")),
        ("/api/datasets/a/b", ("a/b", "dataset")),
        ("/datasets/a/b/ask-access", ("a/b", "dataset")),
        ("/a/b/resolve/main/x", ("a/b", "model")),
        ("/api/whoami-v2", ("", "model")),
        ("/api/models", ("", "model")),
    ],
)
def test_the_repository_of_a_path(path, expected):
    assert target(path) == expected
