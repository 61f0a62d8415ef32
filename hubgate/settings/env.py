"""Every environment variable that hubgate reads, in one typed list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import environ

_env = environ.Env()


@dataclass(frozen=True)
class Environment:
    """What the operator set. Names are the field names in upper case with the prefix `HUBGATE_`, but for
    `DATABASE_URL`, `REDIS_URL` and `EMAIL_URL`, which are the usual ones."""

    data: Path  # folder of the SQLite file, the keys and the mail log
    secret_key: str  # Django's signing key
    encryption_key: str  # Fernet key; Hub tokens are stored under it
    database_url: str  # empty: SQLite in `data`
    redis_url: str  # empty: in-process broker and cache
    email_url: str  # empty: mails are kept in the mail view
    mail_from: str
    allowed_hosts: list[str]
    public_url: str  # how people reach hubgate, without a final slash
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
    static_root: (
        str  # where `collectstatic` puts the files that production serves; empty: `staticfiles` beside manage.py
    )
    demo: bool  # the local Hub stands in for the Hub
    debug: bool


def read(data_default: str = ".hubgate") -> Environment:
    """The environment as it is now. Raises ImproperlyConfigured where a value does not parse."""
    return Environment(
        data=Path(_env.str("HUBGATE_DATA", default=data_default)).absolute(),
        secret_key=_env.str("HUBGATE_SECRET_KEY", default=""),
        encryption_key=_env.str("HUBGATE_ENCRYPTION_KEY", default=""),
        database_url=_env.str("DATABASE_URL", default=""),
        redis_url=_env.str("REDIS_URL", default=""),
        email_url=_env.str("EMAIL_URL", default=""),
        mail_from=_env.str("HUBGATE_MAIL_FROM", default="hubgate@localhost"),
        allowed_hosts=_env.list("HUBGATE_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"]),
        public_url=_env.str("HUBGATE_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/"),
        hub_url=_env.str("HUBGATE_HUB_URL", default="https://huggingface.co").rstrip("/"),
        tick_seconds=_env.int("HUBGATE_TICK_SECONDS", default=5),
        poll_seconds=_env.int("HUBGATE_POLL_SECONDS", default=60),
        compare_seconds=_env.int("HUBGATE_COMPARE_SECONDS", default=1800),
        repositories_seconds=_env.int("HUBGATE_REPOSITORIES_SECONDS", default=300),
        lease_seconds=_env.int("HUBGATE_LEASE_SECONDS", default=15),
        hub_probe_seconds=_env.float("HUBGATE_HUB_PROBE_SECONDS", default=15.0),
        hub_read_seconds=_env.float("HUBGATE_HUB_READ_SECONDS", default=10.0),
        oidc_client_id=_env.str("HUBGATE_OIDC_CLIENT_ID", default=""),
        oidc_client_secret=_env.str("HUBGATE_OIDC_CLIENT_SECRET", default=""),
        operator_password=_env.str("HUBGATE_OPERATOR_PASSWORD", default=""),
        static_root=_env.str("HUBGATE_STATIC_ROOT", default=""),
        demo=_env.bool("HUBGATE_DEMO", default=False),
        debug=_env.bool("HUBGATE_DEBUG", default=False),
    )
