"""What production refuses to start with, each with a sentence and what to do. Pure: the environment in, refusals
out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from hubgate.settings.env import Environment

_SHORTEST_KEY = 50
_FEWEST_LETTERS = 5
_PLACEHOLDERS = ("django-insecure-", "change-me", "changeme")
_POSTGRES = ("postgres", "postgresql", "psql", "pgsql")
_REDIS = ("redis", "rediss", "unix", "redis+socket")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
MAKE_SECRET_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"  # noqa: S105 - a command
MAKE_ENCRYPTION_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"  # noqa: S105


@dataclass(frozen=True)
class Refusal:
    """One thing that is unsafe: a stable `code`, what is wrong, and what to do."""

    code: str
    wrong: str
    do: str

    def __str__(self) -> str:
        return f"{self.wrong} {self.do}"


def refusals(env: Environment) -> list[Refusal]:
    """All that keeps this environment from being a production set-up; empty where nothing does."""
    return [*_keys(env), *_servers(env), *_doors(env)]


def _keys(env: Environment) -> Iterator[Refusal]:
    if not env.secret_key:
        yield Refusal("no_secret_key", "HUBGATE_SECRET_KEY is missing.", f"Make one: {MAKE_SECRET_KEY}")
    elif _is_weak(env.secret_key):
        wrong = f"HUBGATE_SECRET_KEY is a placeholder, or shorter than {_SHORTEST_KEY} letters."
        yield Refusal("weak_secret_key", wrong, f"Make one: {MAKE_SECRET_KEY}")
    if not env.encryption_key:
        do = f"Make one, and keep a copy apart from the database: {MAKE_ENCRYPTION_KEY}"
        yield Refusal("no_encryption_key", "HUBGATE_ENCRYPTION_KEY is missing.", do)
    elif not _is_fernet(env.encryption_key):
        wrong = "HUBGATE_ENCRYPTION_KEY is no Fernet key (32 bytes, URL-safe base64)."
        yield Refusal("bad_encryption_key", wrong, f"Make one: {MAKE_ENCRYPTION_KEY}")


def _servers(env: Environment) -> Iterator[Refusal]:
    if not env.database_url:
        do = "Set it, such as postgres://hubgate@database/hubgate; SQLite is for the embedded set-up."
        yield Refusal("no_database", "DATABASE_URL is missing.", do)
    elif urlsplit(env.database_url).scheme not in _POSTGRES:
        wrong = "DATABASE_URL names no PostgreSQL, and several processes cannot share anything else."
        yield Refusal("not_postgres", wrong, "Set it to postgres://…, or run the embedded set-up with ./run.")
    if not env.redis_url:
        yield Refusal("no_redis", "REDIS_URL is missing.", "Set it, such as redis://redis:6379/0.")
    elif urlsplit(env.redis_url).scheme not in _REDIS:
        wrong = "REDIS_URL names no Redis, and workers on other machines could not be reached."
        yield Refusal("not_redis", wrong, "Set it, such as redis://redis:6379/0.")


def _doors(env: Environment) -> Iterator[Refusal]:
    if env.debug:
        wrong = "HUBGATE_DEBUG is on: error pages would show settings and personal data."
        yield Refusal("debug", wrong, "Remove the variable.")
    if env.demo:
        wrong = "HUBGATE_DEMO is on: anybody could sign in as the demo's people."
        yield Refusal("demo", wrong, "Remove the variable; the demo runs with ./run.")
    if any(host.strip() == "*" for host in env.allowed_hosts):
        wrong = "HUBGATE_ALLOWED_HOSTS has a wildcard: links in mails could be made to point elsewhere."
        yield Refusal("wildcard_host", wrong, "Name the hosts, such as gate.example.org.")
    public = urlsplit(env.public_url)
    if public.scheme not in ("http", "https") or not public.hostname:
        yield Refusal(
            "bad_public_url", "HUBGATE_PUBLIC_URL is no address.", "Set it, such as https://gate.example.org."
        )
    elif public.scheme == "http" and not env.allow_http:
        wrong = "HUBGATE_PUBLIC_URL is plain http: passwords and cookies would travel in clear."
        do = "Set it to https://…, or say HUBGATE_ALLOW_HTTP=1 where nobody can listen."
        yield Refusal("plain_http", wrong, do)
    if env.log_format not in ("", "json", "text"):
        wrong = "HUBGATE_LOG_FORMAT is neither json nor text."
        yield Refusal("bad_log_format", wrong, "Remove the variable: production writes JSON lines.")


def hosts_of(env: Environment) -> list[str]:
    """The names that hubgate answers to: those that were set, that of the public address, and loopback for health
    checks on the same machine."""
    public = urlsplit(env.public_url).hostname or ""
    named = [*env.allowed_hosts, f"[{public}]" if ":" in public else public, *LOOPBACK[:3]]
    return list(dict.fromkeys(host for host in named if host))


def _is_weak(key: str) -> bool:
    return key.lower().startswith(_PLACEHOLDERS) or len(key) < _SHORTEST_KEY or len(set(key)) < _FEWEST_LETTERS


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
