"""The environment: secrets from files, and what production refuses to start with."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hubgate.settings import env, safety

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "HUBGATE_SECRET_KEY": "a-key-of-fifty-letters-and-more-0123456789-abcdefghij-xyz",
    "HUBGATE_ENCRYPTION_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DATABASE_URL": "postgres://hubgate@database/hubgate",
    "REDIS_URL": "redis://redis:6379/0",
    "HUBGATE_PUBLIC_URL": "https://gate.example.org",
}


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> env.Environment:
    for name in [name for name in os.environ if name.startswith(("HUBGATE_", "DATABASE_", "REDIS_", "EMAIL_"))]:
        monkeypatch.delenv(name)
    for name, value in SAFE.items():
        monkeypatch.setenv(name, value)
    return env.read()


def test_a_safe_environment_is_refused_nothing(safe: env.Environment):
    assert safety.refusals(safe) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_key": ""}, "no_secret_key"),
        ({"secret_key": "short"}, "weak_secret_key"),
        ({"secret_key": "a" * 60}, "weak_secret_key"),
        ({"secret_key": "django-insecure-" + SAFE["HUBGATE_SECRET_KEY"]}, "weak_secret_key"),
        ({"secret_key": "change-me-" + SAFE["HUBGATE_SECRET_KEY"]}, "weak_secret_key"),
        ({"encryption_key": ""}, "no_encryption_key"),
        ({"encryption_key": "not a key"}, "bad_encryption_key"),
        ({"database_url": ""}, "no_database"),
        ({"database_url": "sqlite:////data/hubgate.sqlite3"}, "not_postgres"),
        ({"redis_url": ""}, "no_redis"),
        ({"redis_url": "memory://"}, "not_redis"),
        ({"debug": True}, "debug"),
        ({"demo": True}, "demo"),
        ({"allowed_hosts": ["gate.example.org", "*"]}, "wildcard_host"),
        ({"public_url": "gate.example.org"}, "bad_public_url"),
        ({"public_url": "http://gate.example.org"}, "plain_http"),
        ({"log_format": "xml"}, "bad_log_format"),
    ],
)
def test_each_unsafe_thing_is_refused_by_itself_with_what_to_do(safe: env.Environment, change: dict, code: str):
    found = safety.refusals(replace(safe, **change))
    assert [refusal.code for refusal in found] == [code]
    assert found[0].wrong.endswith(".")
    assert len(found[0].do) > 10


def test_plain_http_may_be_said(safe: env.Environment):
    assert safety.refusals(replace(safe, public_url="http://gate.example.org", allow_http=True)) == []


def test_hosts_are_those_of_the_public_address_and_loopback(safe: env.Environment):
    hosts = safety.hosts_of(replace(safe, allowed_hosts=["other.example.org"], public_url="https://[2001:db8::1]:8443"))
    assert hosts == ["other.example.org", "[2001:db8::1]", "127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize("name", env.SECRETS)
def test_each_secret_may_stand_in_a_file(name: str, safe: env.Environment, monkeypatch, tmp_path: Path):
    monkeypatch.delenv(name, raising=False)
    file = tmp_path / "secret"
    file.write_text("  from-the-file\n")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert env.secret(name) == "from-the-file"

    monkeypatch.setenv(name, "from-the-variable")
    with pytest.raises(ImproperlyConfigured, match=f"{name} and {name}_FILE are both set"):
        env.secret(name)


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), (b"", "is empty"), (b"\xff\xfe", "no text")])
def test_a_file_that_is_no_secret_is_said(content: bytes | None, said: str, safe, monkeypatch, tmp_path: Path):
    monkeypatch.delenv("HUBGATE_SECRET_KEY")
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("HUBGATE_SECRET_KEY_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match=said):
        env.read()


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgres://hubgate@db:5432/x?sslmode=require", "postgres://hubgate:p%2Fw%40@db:5432/x?sslmode=require"),
        ("postgres://hubgate:own@db/x", "postgres://hubgate:own@db/x"),
        ("", ""),
    ],
)
def test_the_database_password_is_put_into_its_url(url: str, whole: str, safe, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DATABASE_PASSWORD", "p/w@")
    assert env.read().database_url == whole


def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUBGATE_", "DATABASE_"))}
    given = {**inherited, "DJANGO_SETTINGS_MODULE": "hubgate.settings.production", **SAFE, **more}
    return subprocess.run([sys.executable, *command], env=given, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_an_unsafe_production_says_all_that_is_wrong_and_no_traceback():
    done = run("manage.py", "doctor", "--json", HUBGATE_DEBUG="1", HUBGATE_PUBLIC_URL="http://gate.example.org")
    assert done.returncode == 2
    assert "HUBGATE_DEBUG is on" in done.stderr
    assert "plain http" in done.stderr
    assert '"status": 2' in done.stdout
    assert "Traceback" not in done.stderr


def test_checks_of_a_deployment_find_nothing():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
