"""Things of the whole project that nothing else would notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from hubgate import checks
from hubgate.celery import app

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled
    assert scheduled <= set(app.tasks)


def test_psycopg_3_is_not_here():
    assert checks.psycopg3_is_absent() == []


def test_psycopg_3_beside_psycopg2_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert [error.id for error in checks.psycopg3_is_absent()] == ["hubgate.E001"]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_hashes_and_name_no_host(name: str):
    text = (ROOT / name).read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text


def test_the_development_lock_contains_the_other_one():
    def pins(name: str) -> set[str]:
        return {
            line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line and line[0] != " "
        }

    assert pins("requirements.lock")
    assert pins("requirements.lock") <= pins("requirements-dev.lock")
