"""Settings of the local Hub, a Django project of its own. `LOCALHUB_DATA` names the folder of its store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("LOCALHUB_DATA", "localhub-data")).resolve()
BLOBS = DATA / "blobs"

# The store holds invented people only and listens on loopback, so its cookies need no secret of their own.
SECRET_KEY = os.environ.get("LOCALHUB_SECRET_KEY", "local-hub-on-loopback")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "hubgate.localhub.urls"
WSGI_APPLICATION = "hubgate.localhub.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
USE_TZ = True
USE_I18N = False

INSTALLED_APPS = ["django.contrib.sessions", "hubgate.localhub"]
MIDDLEWARE = [
    "hubgate.localhub.journal.JournalMiddleware",
    "hubgate.localhub.limits.RateLimitMiddleware",
    "hubgate.localhub.faults.FaultMiddleware",
    "hubgate.localhub.answers.AnswerMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES: dict[str, Any] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(DATA / "localhub.sqlite3"),
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON",
        },
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "localhub_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "localhub_csrf"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A 4xx is an ordinary answer of the Hub; the journal has it.
    "loggers": {"django.request": {"level": "ERROR"}},
}
