"""docs/operations.md: what it names exists, and its tables are complete."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from django.core.management import get_commands

from hubgate.operations import doctor, metrics
from hubgate.settings import env
from tests import compose
from tests.operations.conftest import Trouble
from tests.operations.test_compose import known_variables

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text()
# Programs that stand on the operator's machine, or in the images of others.
THEIRS = {"docker", "git", "mkdir", "chmod", "echo", "pip", "python3", "pg_dump", "pg_restore"}


def table(name: str) -> list[list[str]]:
    rows = TEXT.partition(f"<!-- {name} -->\n")[2].partition("\n\n")[0].splitlines()[2:]
    assert rows
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def commands() -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.strip().splitlines()]


def test_every_variable_is_in_the_table_with_its_default(monkeypatch: pytest.MonkeyPatch):
    rows = {cells[0].replace("†", "").strip("` "): cells for cells in table("settings")}
    assert set(rows) == {name for name in known_variables() if not name.endswith("_FILE")}
    assert {name for name, cells in rows.items() if "†" in cells[0]} == set(env.SECRETS)
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)
    read = env.read()
    for field in fields(env.Environment):
        cell = rows.get(f"HUBGATE_{field.name.upper()}", ["", ""])[1]
        value = getattr(read, field.name)
        if re.fullmatch(r"`[^`]+`", cell) and field.name not in ("data", "static_root"):
            shown = str(int(value)) if isinstance(value, bool | float | int) else str(value)
            assert cell.strip("`") == shown, field.name


def test_every_check_of_the_doctor_is_in_the_table():
    assert [cells[0].strip("`") for cells in table("doctor")] == list(doctor.CHECKS)


def test_every_alarm_is_over_numbers_that_there_are(trouble: Trouble):
    told = metrics.exposition().decode()
    known = set(re.findall(r"^# TYPE (\w+)", told, re.MULTILINE))
    known |= {f"{name}_{end}" for name in known for end in ("bucket", "count", "sum")}
    named = {name for cells in table("alarms") for name in re.findall(r"hubgate_\w+", cells[0])}
    assert named
    assert named <= known
    gauges = {name for name in known if "outbox" in name or "mirror_ok" in name}
    assert gauges & named


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_names_programs_services_and_commands_that_exist(line: str):
    words = shlex.split(line.partition(" > ")[0].partition(" < ")[0].replace(".venv/bin/", ""))
    if words[:2] == ["docker", "compose"]:
        services = [word for word in words[3:] if word in compose.read().services]
        assert words[2] in ("build", "up", "logs", "exec", "stop", "run")
        assert services or words[2] in ("build", "up")
        words = words[words.index(services[0]) + 1 :] if services and words[2] in ("exec", "run") else []
    if words and words[0] not in THEIRS:
        assert shutil.which(words[0], path=str(Path(sys.executable).parent)), line
    if "manage.py" in words:
        assert words[words.index("manage.py") + 1] in get_commands()
    if "gunicorn" in words or "celery" in words:
        assert words in [compose.read().command(name) for name in ("web", "worker", "beat")], "as in docker-compose.yml"


def test_files_that_are_named_are_there():
    assert "HUBGATE_PORT" in (ROOT / "docker-compose.yml").read_text()
    assert "--without-pip" in (ROOT / "Dockerfile").read_text()
