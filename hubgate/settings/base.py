"""Settings that hold everywhere. `embedded`, `production` and `test` build on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import drf_spectacular_sidecar
import environ
from csp.constants import NONCE, NONE, SELF
from whitenoise.compress import Compressor

from hubgate import logs
from hubgate.settings import env

ENV = env.read()
BASE_DIR = Path(__file__).resolve().parent.parent.parent

PRODUCTION = False
SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.allowed_hosts
ROOT_URLCONF = "hubgate.urls"
WSGI_APPLICATION = "hubgate.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "drf_spectacular",
    "hubgate",
    "hubgate.accounts",
    "hubgate.audit",
    "hubgate.outbox",
    "hubgate.notify",
    "repos",
    "tagging",
    "access",
    "hubgate.operations",
]

MIDDLEWARE = [
    "hubgate.http.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hubgate.http.middleware.HtmxSignInMiddleware",
    "hubgate.http.middleware.DomainErrorMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "hubgate" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hubgate.http.web.chrome",
            ],
            "builtins": ["hubgate.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "hubgate.http.forms.Renderer"


def sqlite(path: str | Path) -> dict[str, Any]:
    """A SQLite database that web and worker threads can write at once (`performance.md` B6: DEFERRED fails)."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
        },
    }


def postgres(url: str) -> dict[str, Any]:
    """A PostgreSQL database by URL, its connections kept and checked (R5)."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config.update({"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True})
    return config


DATABASES = {"default": postgres(ENV.database_url) if ENV.database_url else sqlite(ENV.data / "hubgate.sqlite3")}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_FORMS = {"login": "hubgate.accounts.forms.LoginForm"}
ACCOUNT_ADAPTER = "hubgate.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "hubgate.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "hubgate"
# Nobody signs up here: an address that nobody verified belongs to an account of the Hub or of the operator.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
SOCIALACCOUNT_ADAPTER = "hubgate.accounts.adapters.HubAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "provider_class": "hubgate.accounts.oidc.provider.HubProvider",
        "OAUTH_PKCE_ENABLED": True,
        "APPS": (
            [
                {
                    "provider_id": "huggingface",
                    "name": "Hugging Face",
                    "client_id": ENV.oidc_client_id,
                    "secret": ENV.oidc_client_secret,
                    "settings": {"server_url": ENV.hub_url, "scope": ["openid", "profile", "email"]},
                }
            ]
            if ENV.oidc_client_id
            else []
        ),
    }
}

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Of the package with the pages of OpenAPI only the one that we show; the rest is 20 MB.
STATICFILES_DIRS = [
    (
        "swagger-ui",
        Path(drf_spectacular_sidecar.__file__).parent / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist",
    )
]
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", *Compressor.SKIP_COMPRESS_EXTENSIONS]
STATIC_ROOT: str | Path | None = ENV.static_root or BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.redis_url}
        if ENV.redis_url
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# A form's target and where it may be redirected to: Chromium checks the redirect of the sign-in form too.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, ENV.hub_url],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_NAME = "hubgate_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "hubgate_csrf"
CSRF_COOKIE_HTTPONLY = True

# The REST door's operations say the rest themselves (`hubgate.accounts.rest.Operation`).
REST_FRAMEWORK: dict[str, Any] = {
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "EXCEPTION_HANDLER": "hubgate.http.rest.problems.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
API_LIMIT = (1_000, 300)  # calls in so many seconds, for each account
API_LIMIT_ANONYMOUS = (100, 300)  # for each address that shows no valid token
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "hubgate",
    "VERSION": "1",
    "DESCRIPTION": "Access requests of gated repositories: read and decide them, as the pages do.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "RequestStatus": "access.states.OURS",
        "HubStatus": "access.states.THEIRS",
        "Verb": "access.states.REVIEWER_VERBS",
        "HubWord": "access.api.shapes.HUB_WORDS",
        "Side": "access.api.drift.WAYS",
        "StageGate": "access.release.GATES",
        "RecallGate": "access.release.RECALL_GATES",
    },
}

if ENV.email_url:
    vars().update(environ.Env.email_url_config(ENV.email_url))
else:
    EMAIL_BACKEND = "hubgate.notify.mailbox.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.mail_from

CELERY_BROKER_URL = ENV.redis_url or "memory://localhost/"
# Celery carries nudges and ticks; what has to be done stands in the outbox. So nothing is kept unacknowledged in Redis:
# it would come again an hour later, and kombu 5.7 ends a worker that has such messages when its broker goes away.
CELERY_BROKER_TRANSPORT_OPTIONS = {"ack_emulation": False} if ENV.redis_url else {"polling_interval": 0.05}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlasts any outage of the broker
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
# A nudge is a courtesy: a broker that is down must not hold up the person who decided.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"


def every(seconds: float, task: str) -> dict[str, Any]:
    """A beat entry: send the task at this interval. A tick that no worker took by the next one is dropped."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


# Every tick there is. A tick only looks for rows that are due; schedules of people's work are `due_at` columns.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "outbox-drain": every(ENV.tick_seconds, "hubgate.outbox.tasks.drain"),
    "repositories": every(ENV.tick_seconds, "repos.tasks.mirror_due"),
    "requests": every(ENV.tick_seconds, "access.tasks.mirror_due"),
    "stages": every(ENV.tick_seconds, "access.tasks.open_stages"),
    "ends": every(ENV.tick_seconds, "access.tasks.end_access"),
    "bulk-previews": every(3600, "access.tasks.sweep_previews"),
    "digests": every(ENV.tick_seconds, "hubgate.notify.tasks.fix_digests"),
    "operations": every(10, "hubgate.operations.tasks.tick"),
    "kept-answers": every(3600, "hubgate.accounts.tasks.sweep_answers"),
}

LOGGING: dict[str, Any] = logs.config(ENV.log_format or "text")
METRICS_TOKEN = ENV.metrics_token
METRICS_NETWORKS = ENV.metrics_networks

HUB_URL = ENV.hub_url
# Seconds, by the names of `hubgate.hub.transport.Timeouts`; its own where absent.
HUB_TIMEOUTS: dict[str, float] = {"read": ENV.hub_read_seconds, "total": 1.5 * ENV.hub_read_seconds}
HUB_PROBE_SECONDS = ENV.hub_probe_seconds
OUTBOX_LEASE_SECONDS = ENV.lease_seconds
HUB_POLL_SECONDS = ENV.poll_seconds
HUB_COMPARE_SECONDS = ENV.compare_seconds
STATISTICS_KEPT_SECONDS = 60  # how old the numbers of a page may be where counting them takes long
HUB_REPOSITORIES_SECONDS = ENV.repositories_seconds
PUBLIC_URL = ENV.public_url
DEMO = ENV.demo
OPERATOR_PASSWORD = ENV.operator_password
DATA_DIR = ENV.data
ENCRYPTION_KEY = ENV.encryption_key
