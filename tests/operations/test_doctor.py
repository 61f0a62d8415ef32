"""The doctor: each thing broken, and what is then said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from hubgate.accounts.models import User
from hubgate.operations import actions, doctor
from hubgate.operations.doctor import around, hub
from hubgate.operations.models import Heartbeat
from hubgate.outbox.models import OutboxItem
from repos.models import HubWebhook, Namespace
from tests.labfixtures import Lab
from tests.notify.smtp import mail_server
from tests.operations.conftest import Trouble
from tests.procfixtures import free_port

pytestmark = pytest.mark.django_db


def said(check: str) -> list[tuple[str, str]]:
    """Level and text of what a check finds; whatever is not well says what to do."""
    found = doctor.examine([check])
    assert all(one.do for one in found if one.level == doctor.ERROR)
    return [(one.level, one.found) for one in found]


def has(check: str, level: str, text: str) -> bool:
    return any(found == level and text in words for found, words in said(check))


@pytest.fixture
def well(trouble: Trouble, settings, monkeypatch: pytest.MonkeyPatch) -> Trouble:
    """All processes live, and nothing waits."""
    settings.EMAIL_BACKEND = "hubgate.notify.mailbox.EmailBackend"
    monkeypatch.setenv("HUBGATE_SECRET_KEY", "a-key-that-is-long-enough-0123456789")
    actions.record_heartbeat(name="beat-a-3", kind="beat", host="a", pid=3)
    OutboxItem.objects.all().delete()
    Namespace.objects.update(mirror_error="")
    trouble.failed.delete()
    trouble.unsure.delete()
    return trouble


@pytest.mark.parametrize("check", ["database", "secrets", "static", "redis", "disk", "mail", "people", "webhooks"])
def test_what_is_well_is_said_to_be(check: str, well: Trouble):
    assert {level for level, _ in said(check)} == {doctor.OK}


@pytest.mark.parametrize("check", ["processes", "work", "mails", "mirror"])
def test_what_works_is_said_to_work(check: str, well: Trouble):
    assert {level for level, _ in said(check)} == {doctor.OK}


def test_settings_that_do_not_fit(settings):
    assert said("settings") == [(doctor.OK, "The settings are consistent.")]
    settings.DEBUG = True
    settings.PUBLIC_URL = "https://gate.example.org"
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    settings.METRICS_NETWORKS = ["here"]
    assert has("settings", doctor.WARNING, "HUBGATE_DEBUG is on")
    assert has("settings", doctor.ERROR, "does not answer to its own address gate.example.org")
    assert has("settings", doctor.WARNING, "Nobody can sign in with the Hub")
    assert has("settings", doctor.ERROR, "HUBGATE_METRICS_NETWORKS")
    settings.ALLOWED_HOSTS = [".example.org"]
    assert not has("settings", doctor.ERROR, "does not answer to its own address")


def test_production_is_held_to_more(settings):
    settings.PRODUCTION = True
    settings.EMAIL_BACKEND = "hubgate.notify.mailbox.EmailBackend"
    assert has("settings", doctor.WARNING, "security.W012")
    assert has("mail", doctor.WARNING, "Mails are kept, not sent.")


def test_a_key_that_opens_nothing(well: Trouble, settings, monkeypatch: pytest.MonkeyPatch):
    settings.ENCRYPTION_KEY = Fernet.generate_key().decode()
    assert has("secrets", doctor.ERROR, "The token of aurora-lab was stored under another key.")
    settings.ENCRYPTION_KEY = "no key"
    assert has("secrets", doctor.ERROR, "HUBGATE_ENCRYPTION_KEY is missing, or no key.")
    settings.ENCRYPTION_KEY = Fernet.generate_key().decode()
    monkeypatch.setenv("HUBGATE_SECRET_KEY", "short")
    assert has("secrets", doctor.WARNING, "HUBGATE_SECRET_KEY is missing or short.")


def test_a_migration_that_is_missing():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")
    assert has("database", doctor.ERROR, "1 migrations are missing, operations.0001")


def test_a_missing_extension():
    if connection.vendor != "postgresql":
        pytest.skip("an extension of PostgreSQL")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
    assert has("database", doctor.ERROR, "The extension pg_trgm is missing")


def test_static_files_that_were_not_collected(settings, tmp_path: Path):
    storage = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    settings.STATIC_ROOT = tmp_path
    assert has("static", doctor.ERROR, f"The files of the pages are not in {tmp_path}")
    (tmp_path / "staticfiles.json").write_text("{}")
    assert said("static") == [(doctor.OK, "The files of the pages are collected.")]


def test_redis_that_is_away(settings):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert has("redis", doctor.ERROR, "Redis does not answer (ConnectionError)")
    settings.CELERY_BROKER_URL = "nonsense"
    assert has("redis", doctor.ERROR, "Redis does not answer (ValueError)")


def test_a_disk_without_room(tmp_path: Path, settings):
    assert next(around.room(tmp_path, around.TINY - 1))[0] == doctor.ERROR
    assert next(around.room(tmp_path, around.SMALL - 1))[0] == doctor.WARNING
    assert next(around.room(tmp_path, around.SMALL))[0] == doctor.OK
    settings.DATA_DIR = Path("/proc/hubgate")
    assert has("disk", doctor.ERROR, "cannot be written") or has("disk", doctor.ERROR, "0.0 GB")


@pytest.mark.parametrize(
    ("greeting", "level", "text"),
    [
        ("220 mail.example ready", doctor.OK, "lets us in"),
        ("554 go away", doctor.ERROR, "cannot be reached (SMTPConnectError)"),
        ("drop", doctor.ERROR, "cannot be reached (SMTPServerDisconnected)"),
    ],
)
def test_mail_servers(greeting: str, level: str, text: str, settings):
    with mail_server() as server:
        server.greeting = greeting
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        assert has("mail", level, text)
        assert has("mail", doctor.WARNING, "nobody can answer") == (level == doctor.OK)


def test_a_mail_server_that_is_away(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert has("mail", doctor.ERROR, "cannot be reached (ConnectionRefusedError)")


def test_a_hub_that_is_away(settings):
    settings.HUB_URL = f"http://127.0.0.1:{free_port()}"
    assert has("hub", doctor.ERROR, "cannot be reached (ConnectError)")


@pytest.mark.parametrize(
    ("skew", "level"), [(0, doctor.OK), (25, doctor.OK), (-40, doctor.WARNING), (300, doctor.ERROR)]
)
def test_clocks_that_differ(skew: int, level: str):
    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    found = list(hub.clock("Wed, 25 Nov 2026 12:00:00 GMT", now + timedelta(seconds=skew)))
    assert [one[0] for one in found] == [level]
    assert f"{abs(skew)} s apart" in found[0][1]
    assert next(hub.clock("no date", now))[0] == doctor.WARNING


def test_the_hub_and_its_tokens(lab: Lab):
    assert [level for level, _ in said("hub")] == [doctor.OK, doctor.OK]
    assert {level for level, _ in said("tokens")} == {doctor.OK}
    lab.hub.fault("expired_token")
    assert has("tokens", doctor.ERROR, "aurora-lab: ")
    lab.hub.clear_faults()
    lab.hub.fault("server_error", status=503)
    assert has("hub", doctor.WARNING, "The Hub answers 503.")


def test_webhooks_that_do_not_arrive(well: Trouble):
    hook = HubWebhook.objects.create(namespace=Namespace.objects.get(), key="k" * 16, secret_digest="0" * 64)
    assert {level for level, _ in said("webhooks")} == {doctor.OK}
    HubWebhook.objects.update(made_at=timezone.now() - timedelta(days=2))
    assert has("webhooks", doctor.WARNING, "no webhook of the Hub arrived, none ever")
    hook.refresh_from_db()
    HubWebhook.objects.update(heard_at=timezone.now() - timedelta(days=8))
    assert has("webhooks", doctor.WARNING, "none since")


def test_nobody_to_operate(well: Trouble):
    User.objects.filter(is_superuser=True).update(is_active=False)
    assert has("people", doctor.WARNING, "There is no operator.")


def test_processes_that_do_not_live(well: Trouble):
    actions.record_heartbeat(name="beat-b-4", kind="beat", host="b", pid=4)
    assert has("processes", doctor.WARNING, "2 beat processes live")
    Heartbeat.objects.filter(name="beat-b-4").delete()
    Heartbeat.objects.filter(kind="web").update(version="0.0.9")
    assert has("processes", doctor.WARNING, "Processes of version 0.0.9 still run.")
    Heartbeat.objects.filter(kind="tick").update(seen_at=timezone.now() - timedelta(minutes=2))
    Heartbeat.objects.filter(kind="web").update(version="0.1.0")
    assert has("processes", doctor.ERROR, "Beat's ticks reach no worker.")
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=2))
    assert has("processes", doctor.ERROR, "No worker process lives.")
    assert has("processes", doctor.ERROR, "No beat process lives.")
    assert has("processes", doctor.WARNING, "No web process lives.")


def test_work_that_stands_still_and_what_was_refused(trouble: Trouble):
    assert has("work", doctor.WARNING, "Decisions to the Hub: 2 were refused")
    OutboxItem.objects.filter(kind="access.push").update(parked_at=None, due_at=timezone.now() - timedelta(minutes=9))
    assert has("work", doctor.ERROR, "Decisions to the Hub: 2 wait, the longest for 9 minutes.")
    assert has("mails", doctor.WARNING, "1 mails were refused, and 1 perhaps arrived.")


@pytest.mark.parametrize(
    ("facts", "level", "text"),
    [
        ({}, doctor.WARNING, "aurora-lab: partial: A card could not be read."),
        ({"mirrored_at": None}, doctor.WARNING, "aurora-lab: failed: A card could not be read."),
        ({"token_state": "wrong_account"}, doctor.ERROR, "aurora-lab: stopped: its token is wrong account"),
    ],
)
def test_a_mirror_that_does_not_keep_up(facts: dict, level: str, text: str, trouble: Trouble):
    Namespace.objects.update(**facts)
    assert has("mirror", level, text)


def test_a_database_that_is_away_is_said_and_the_rest_is_looked_at(monkeypatch: pytest.MonkeyPatch, settings):
    from django.db import OperationalError

    def away() -> Any:
        raise OperationalError("canary")

    monkeypatch.setitem(doctor.CHECKS, "work", away)
    assert said("work") == [(doctor.WARNING, "Not looked at: the database does not answer (OperationalError).")]


def test_the_command_says_it_in_lines_and_in_json(trouble: Trouble, settings):
    settings.HUB_URL = f"http://127.0.0.1:{free_port()}"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 2
    assert "ERROR   hub" in out.getvalue()
    assert "-> See that HUBGATE_HUB_URL is right" in out.getvalue()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["status"] == 2
    assert set(told["findings"][0]) == {"check", "level", "found", "do"}
    assert {one["check"] for one in told["findings"]} == set(doctor.CHECKS)
    assert "canary" not in out.getvalue()


@pytest.mark.parametrize(
    ("levels", "status"), [([], 0), (["ok"], 0), (["ok", "warning"], 1), (["warning", "error"], 2)]
)
def test_the_exit_status_is_that_of_the_worst(levels: list[str], status: int):
    assert doctor.status_of([doctor.Finding("x", level, "", "") for level in levels]) == status
