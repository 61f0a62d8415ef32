"""Settings, secrets, the database and the static files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection

from hubgate.errors import WrongStateError
from hubgate.operations import networks, queries
from hubgate.operations.doctor.finding import ERROR, OK, WARNING, Findings
from hubgate.settings import env, safety
from repos import vault
from repos.models import Namespace

OLDEST_POSTGRES = 140000  # Django 5.2 runs on nothing older
EXTENSION = "pg_trgm"
SHORTEST_KEY = 20


def is_production() -> bool:
    """Whether this is a set-up of several processes."""
    return bool(settings.PRODUCTION)


def settings_() -> Findings:
    """Django's own checks, and what makes the settings of an embedded set-up risky."""
    found = 0
    if settings.DEBUG:
        found += 1
        yield WARNING, "HUBGATE_DEBUG is on: error pages show settings.", "Remove it where others can reach hubgate."
    public = urlsplit(settings.PUBLIC_URL).hostname or ""
    if not _is_host_allowed(public):
        found += 1
        yield ERROR, f"hubgate does not answer to its own address {public}.", "Add it to HUBGATE_ALLOWED_HOSTS."
    if not settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]:
        found += 1
        yield (
            WARNING,
            "Nobody can sign in with the Hub.",
            "Register an OAuth application there; set HUBGATE_OIDC_CLIENT_ID and HUBGATE_OIDC_CLIENT_SECRET.",
        )
    try:
        networks.named()
    except ImproperlyConfigured as error:
        found += 1
        yield ERROR, str(error), "Correct it: until then /metrics answers by token only."
    for message in checks.run_checks(include_deployment_checks=is_production()):
        if not message.is_silenced() and message.level >= checks.WARNING:
            found += 1
            level = ERROR if message.level >= checks.ERROR else WARNING
            hint = str(message.hint or "See the documentation of Django's checks.")
            yield level, f"{message.id}: {message.msg}", hint
    if not found:
        yield OK, "The settings are consistent.", ""


def database() -> Findings:
    """Whether it answers, is new enough, and has the tables and the extension of this version."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        yield (
            ERROR,
            f"The database does not answer ({type(error).__name__}).",
            "See that it runs, and that DATABASE_URL and DATABASE_PASSWORD are right.",
        )
        return
    missing = queries.missing_migrations()
    if missing:
        yield ERROR, f"{len(missing)} migrations are missing, {missing[0]} first.", "Run: ./run manage migrate"
    if connection.vendor == "postgresql":
        yield from _postgres()
    found = queries.database()
    yield OK, f"{found.product} {found.version}, {found.size_words}.", ""


def _postgres() -> Findings:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        version = cursor.fetchone()[0]
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [EXTENSION])
        has_extension = cursor.fetchone() is not None
        cursor.execute("SELECT current_setting('max_connections')::int, count(*) FROM pg_stat_activity")
        most, used = cursor.fetchone()
    if version < OLDEST_POSTGRES:
        yield ERROR, f"PostgreSQL {version // 10000} is too old.", "Upgrade it to 15 or newer."
    if not has_extension:
        yield (
            ERROR,
            f"The extension {EXTENSION} is missing: search would read whole tables.",
            f"As the database's owner run: CREATE EXTENSION {EXTENSION}",
        )
    if used > 0.8 * most:
        yield WARNING, f"{used} of {most} connections are taken.", "Raise max_connections, or run fewer threads."


def secrets() -> Findings:
    """Whether the keys are keys, and open what was stored under them."""
    bad = 0
    if len(env.secret("HUBGATE_SECRET_KEY")) < SHORTEST_KEY:
        bad += 1
        yield WARNING, "HUBGATE_SECRET_KEY is missing or short.", f"Make one: {safety.MAKE_SECRET_KEY}"
    try:
        Fernet(settings.ENCRYPTION_KEY)
    except ValueError:
        yield ERROR, "HUBGATE_ENCRYPTION_KEY is missing, or no key.", f"Make one: {safety.MAKE_ENCRYPTION_KEY}"
        return
    for namespace in Namespace.objects.exclude(token_sealed=b"").order_by("name"):
        try:
            vault.unseal(namespace.token_sealed)
        except WrongStateError:
            bad += 1
            yield (
                ERROR,
                f"The token of {namespace.name} was stored under another key.",
                "Set HUBGATE_ENCRYPTION_KEY back to that key, or store the token anew on the namespace's page.",
            )
    if not bad:
        yield OK, "The keys open what was stored under them.", ""


def static() -> Findings:
    """Whether the files of the pages were collected, where they are served from one folder."""
    if not hasattr(staticfiles_storage, "manifest_name"):
        yield OK, "The files of the pages come from where they lie.", ""
    elif not (Path(settings.STATIC_ROOT or "") / staticfiles_storage.manifest_name).exists():
        do = "Run: ./run manage collectstatic --no-input"
        yield ERROR, f"The files of the pages are not in {settings.STATIC_ROOT}.", do
    else:
        yield OK, "The files of the pages are collected.", ""


def _is_host_allowed(host: str) -> bool:
    names = {"[::1]" if host == "::1" else host, "*"}
    allowed = [name.lower() for name in settings.ALLOWED_HOSTS]
    return bool(names & set(allowed)) or any(name.startswith(".") and f".{host}".endswith(name) for name in allowed)
