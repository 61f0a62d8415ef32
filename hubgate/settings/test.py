"""Settings of the test run. The database is SQLite unless DATABASE_URL names a PostgreSQL."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("HUBGATE_SECRET_KEY", "only-for-tests")
os.environ.setdefault("HUBGATE_ENCRYPTION_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
os.environ.setdefault("HUBGATE_HUB_URL", "http://127.0.0.1:1")
os.environ.setdefault("HUBGATE_OIDC_CLIENT_ID", "hubgate")
os.environ.setdefault("HUBGATE_OIDC_CLIENT_SECRET", "hubgate-secret")
os.environ.setdefault("HUBGATE_DATA", "/tmp/hubgate-test")  # noqa: S108

from hubgate.settings.base import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in life: an in-memory database knows no two writers. One for each process of pytest-xdist.
    name = f"hubgate-test-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / name)}  # noqa: F405

EMBEDDED_WORKER = False
STATISTICS_KEPT_SECONDS = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# No `collectstatic` before the tests: files come from where they lie.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
