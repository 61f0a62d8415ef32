"""Every environment variable that hubgate reads, in one typed list."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()
# Each of these may also be named with `_FILE` behind it: then it stands in that file, such as a mounted secret.
SECRETS = (
    "HUBGATE_SECRET_KEY",
    "HUBGATE_ENCRYPTION_KEY",
    "DATABASE_URL",
    "DATABASE_PASSWORD",
    "REDIS_URL",
    "EMAIL_URL",
    "HUBGATE_OIDC_CLIENT_SECRET",
    "HUBGATE_OPERATOR_PASSWORD",
    "HUBGATE_METRICS_TOKEN",
)


@dataclass(frozen=True)
class Environment:
    """What the operator set. Names are the field names in upper case with the prefix `HUBGATE_`, but for
    `DATABASE_URL`, `DATABASE_PASSWORD`, `REDIS_URL` and `EMAIL_URL`, which are the usual ones. `docs/operations.md`
    says what each is for."""

    data: Path  # folder of the SQLite file, the keys and the mail log
    secret_key: str  # Django's signing key
    encryption_key: str  # Fernet key; Hub tokens are stored under it
    database_url: str  # empty: SQLite in `data`
    redis_url: str  # empty: in-process broker and cache
    email_url: str  # empty: mails are kept in the mail view
    mail_from: str
    allowed_hosts: list[str]
    public_url: str  # how people reach hubgate, without a final slash
    allow_http: bool  # `public_url` may be http: passwords and cookies then travel in clear
    behind_proxy: bool  # a proxy in front ends TLS and sets X-Forwarded-Proto
    hub_url: str  # the Hub's origin, without a final slash
    tick_seconds: int  # between two looks for work that is due
    poll_seconds: int  # between two reads of a repository's new requests
    compare_seconds: int  # between two reads of all its lists
    repositories_seconds: int  # between two reads of a namespace's repositories
    lease_seconds: int  # after which the outbox work of a dead worker is taken up
    hub_probe_seconds: float  # between two calls that ask whether a Hub that was away is back
    hub_read_seconds: float  # how long the Hub may take to answer
    oidc_client_id: str  # empty: no "sign in with the Hub"
    oidc_client_secret: str
    operator_password: str  # of the demo's operator; elsewhere one is made and shown once
    metrics_token: str  # who shows it may read /metrics; empty: nobody by token
    metrics_networks: list[str]  # from where /metrics may be read without a token, such as 10.0.0.0/8
    bind: str  # where production's web processes listen
    web_processes: int  # of one web service
    web_threads: int  # of each of them
    worker_processes: int  # of one Celery worker
    log_format: str  # `json` or `text`; empty: as the set-up has it
    static_root: (
        str  # where `collectstatic` puts the files that production serves; empty: `staticfiles` beside manage.py
    )
    demo: bool  # the local Hub stands in for the Hub
    debug: bool


def read(data_default: str = ".hubgate") -> Environment:
    """The environment as it is now. Raises ImproperlyConfigured where a value does not parse or a file of a secret
    cannot be read."""
    return Environment(
        data=Path(_env.str("HUBGATE_DATA", default=data_default)).absolute(),
        secret_key=secret("HUBGATE_SECRET_KEY"),
        encryption_key=secret("HUBGATE_ENCRYPTION_KEY"),
        database_url=_with_password(secret("DATABASE_URL"), secret("DATABASE_PASSWORD")),
        redis_url=secret("REDIS_URL"),
        email_url=secret("EMAIL_URL"),
        mail_from=_env.str("HUBGATE_MAIL_FROM", default="hubgate@localhost"),
        allowed_hosts=_env.list("HUBGATE_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]),
        public_url=_env.str("HUBGATE_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/"),
        allow_http=_env.bool("HUBGATE_ALLOW_HTTP", default=False),
        behind_proxy=_env.bool("HUBGATE_BEHIND_PROXY", default=False),
        hub_url=_env.str("HUBGATE_HUB_URL", default="https://huggingface.co").rstrip("/"),
        tick_seconds=_env.int("HUBGATE_TICK_SECONDS", default=5),
        poll_seconds=_env.int("HUBGATE_POLL_SECONDS", default=60),
        compare_seconds=_env.int("HUBGATE_COMPARE_SECONDS", default=1800),
        repositories_seconds=_env.int("HUBGATE_REPOSITORIES_SECONDS", default=300),
        lease_seconds=_env.int("HUBGATE_LEASE_SECONDS", default=15),
        hub_probe_seconds=_env.float("HUBGATE_HUB_PROBE_SECONDS", default=15.0),
        hub_read_seconds=_env.float("HUBGATE_HUB_READ_SECONDS", default=10.0),
        oidc_client_id=_env.str("HUBGATE_OIDC_CLIENT_ID", default=""),
        oidc_client_secret=secret("HUBGATE_OIDC_CLIENT_SECRET"),
        operator_password=secret("HUBGATE_OPERATOR_PASSWORD"),
        metrics_token=secret("HUBGATE_METRICS_TOKEN"),
        metrics_networks=_env.list("HUBGATE_METRICS_NETWORKS", default=[]),
        bind=_env.str("HUBGATE_BIND", default="127.0.0.1:8000"),
        web_processes=_env.int("HUBGATE_WEB_PROCESSES", default=2),
        web_threads=_env.int("HUBGATE_WEB_THREADS", default=8),
        worker_processes=_env.int("HUBGATE_WORKER_PROCESSES", default=4),
        log_format=_env.str("HUBGATE_LOG_FORMAT", default=""),
        static_root=_env.str("HUBGATE_STATIC_ROOT", default=""),
        demo=_env.bool("HUBGATE_DEMO", default=False),
        debug=_env.bool("HUBGATE_DEBUG", default=False),
    )


def secret(name: str) -> str:
    """A value of SECRETS, from its variable or from the file that the variable with `_FILE` behind it names; empty
    where neither is set. Raises ImproperlyConfigured where both are, or the file cannot be read or is empty."""
    if name not in SECRETS:
        raise ValueError(f"{name} is not among the secrets that may stand in a file.")
    value, path = _env.str(name, default=""), _env.str(f"{name}_FILE", default="")
    if not path:
        return value
    if value:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "it is no text"
        raise ImproperlyConfigured(f"The file {path} that {name}_FILE names cannot be read: {why}.") from None
    if not content:
        raise ImproperlyConfigured(f"The file {path} that {name}_FILE names is empty. Put the value into it.")
    return content


def _with_password(url: str, password: str) -> str:
    """The database's URL with the password put in where it has none, as when only that is a mounted secret."""
    parts = urlsplit(url)
    if not password or not parts.hostname or parts.password:
        return url
    user, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))
