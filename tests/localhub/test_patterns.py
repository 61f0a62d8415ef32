"""Path patterns: git itself says what fits."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from hubgate.localhub.patterns import is_ignored, is_lfs

PATHS = (
    "a.bin", "d/a.bin", "d/e/a.bin", "model.bin.txt", "d", "d/e/notes.log", "notes.log", "keep.log", "x1.dat", "xa.dat",
    "onnx/m.data", "sub/onnx/m.data", "build/out/x", "a b.txt", "[odd].txt", "ünï.bin", "d/build",
)  # fmt: skip
RULES = (
    "*.bin", "/a.bin", "d/*.bin", "d/**/a.bin", "**/a.bin", "build/", "*.log\n!keep.log", "x[0-9].dat", "x[!0-9].dat",
    "onnx/*", "onnx/**", "**/onnx/*", "?.bin", "a\\ b.txt", "\\[odd\\].txt", "# *.bin", "", "d\n!d/a.bin", "/d/e/",
)  # fmt: skip

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge here")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("repository")
    git(path, "init", "-q")
    return path


def git(path: Path, *words: str, given: str = "") -> str:
    command = ["git", "-c", "core.quotePath=false", *words]
    done = subprocess.run(command, cwd=path, input=given, capture_output=True, text=True, timeout=30)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@needs_git
@pytest.mark.parametrize("rules", RULES)
def test_what_is_ignored(repository, rules):
    (repository / ".gitignore").write_text(rules + "\n")
    told = git(repository, "check-ignore", "--no-index", "--stdin", given="\n".join(PATHS)).splitlines()
    assert [path for path in PATHS if is_ignored(rules, path)] == [path.strip('"') for path in told]


@needs_git
@pytest.mark.parametrize(
    "rules", [rule for rule in RULES if not rule.endswith("/") and "!" not in rule and "\\ " not in rule]
)
def test_what_goes_to_lfs(repository, rules):
    attributes = "".join(f"{rule} filter=lfs -text\n" for rule in rules.splitlines() if rule) + "d/e/* !filter\n"
    (repository / ".gitattributes").write_text(attributes)
    told = git(repository, "check-attr", "filter", "--stdin", given="\n".join(PATHS)).splitlines()
    assert [path for path in PATHS if is_lfs(attributes, path)] == [
        line.removesuffix(": filter: lfs").strip('"') for line in told if line.endswith(": filter: lfs")
    ]
