"""The import contracts hold, and each of them catches what it is there for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("hubgate", "repos", "tagging", "access")
LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]

# contract → module to plant in, import to plant, how lint-imports names what is wrong
PLANTED = {
    "apps": ("repos/planted.py", "import access.models", "repos.planted -> access.models"),
    "apps in between": ("tagging/planted.py", "import access.models", "tagging.planted -> access.models"),
    "apps between siblings": ("hubgate/audit/planted.py", "import hubgate.outbox.models", "hubgate.audit.planted -> "),
    "floors": ("access/rights.py", "import access.actions", "access.rights -> access.actions"),
    "floors between doors": ("access/views.py", "import access.api", "access.views -> access.api"),
    "private doors": ("access/actions.py", "import repos.views", "access.actions -> repos.views"),
    "hub client": ("access/queries.py", "import hubgate.hub.client", "access.queries -> hubgate.hub.client"),
    "local hub": ("repos/tasks.py", "import hubgate.localhub", "repos.tasks -> hubgate.localhub"),
    "frameworks": ("repos/queries.py", "import celery", "repos.queries -> celery"),
    "frameworks in between": (
        "hubgate/outbox/queue.py",
        "import hubgate.outbox.tasks",
        "hubgate.outbox.tasks -> celery",
    ),
    "pure": ("access/states.py", "import django.db", "access.states -> django"),
}
ABSENT_MAYBE = ("access/actions.py", "access/api.py", "repos/views.py", "hubgate/hub/client.py")


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*LINT_IMPORTS, "--no-cache", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What lint-imports says about a copy of the tree with every violation planted at once."""
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ABSENT_MAYBE:
        if not (folder / name).exists() and not (folder / name).with_suffix("").exists():
            (folder / name).write_text("")
    for name, line, _ in PLANTED.values():
        path = folder / name
        if path.with_suffix("").is_dir():
            path = path.with_suffix("") / "planted.py"
        with path.open("a") as file:
            file.write(f"\n{line}\n")
    return lint(folder)


def test_the_contracts_hold():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_is_caught(contract: str, planted: subprocess.CompletedProcess[str]):
    importer, imported = PLANTED[contract][2].split("->")
    package = re.escape(importer.strip())
    assert planted.returncode == 1
    assert re.search(rf"{package}(\.planted)? -> {re.escape(imported.strip())}", planted.stdout), planted.stdout


def test_every_contract_was_broken_by_what_was_planted(planted: subprocess.CompletedProcess[str]):
    assert re.search(r"Contracts: 0 kept, \d+ broken", planted.stdout), planted.stdout


def test_ruff_keeps_requests_and_responses_out_of_domain_modules(tmp_path: Path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "access").mkdir()
    for name in ("actions.py", "views.py"):
        (tmp_path / "access" / name).write_text("from django.http import HttpRequest\n")
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--select",
        "TID251",
        "--output-format",
        "concise",
        ".",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "actions.py" in done.stdout
    assert "views.py" not in done.stdout
