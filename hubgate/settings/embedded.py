"""The default: SQLite, and the worker inside the one web process. `./run` makes the keys and sets the environment."""

from hubgate.settings.base import *  # noqa: F403

EMBEDDED_WORKER = True
# Files straight from the apps: no step between a change and the page, and none at the first start.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
