"""The default: SQLite, and the worker inside the one web process. `./run` makes the keys and sets the environment."""

from hubgate.settings.base import *  # noqa: F403
from hubgate.settings.base import ENV

EMBEDDED_WORKER = True
# Whoever has an account on this machine can read the numbers; a proxy's visitors cannot (`hubgate.operations.views`).
METRICS_NETWORKS = ENV.metrics_networks or ["127.0.0.0/8", "::1/128"]
# Files straight from the apps: no step between a change and the page, and none at the first start.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
