"""The default: SQLite, and the worker inside the one web process. `./run` makes the keys and sets the environment."""

from hubgate.settings.base import *  # noqa: F403

EMBEDDED_WORKER = True
