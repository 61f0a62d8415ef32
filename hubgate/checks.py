"""Django system checks of the project as a whole."""

from __future__ import annotations

import importlib.util
from typing import Any

from django.core.checks import CheckMessage, Error, register


@register()
def psycopg3_is_absent(**_: Any) -> list[CheckMessage]:
    """Django takes psycopg 3 instead of psycopg2 as soon as it can be imported, without a word."""
    if importlib.util.find_spec("psycopg") is None:
        return []
    return [
        Error(
            "psycopg 3 is installed, and Django would use it instead of psycopg2, which hubgate is tested with.",
            hint="Remove the package psycopg from this environment: pip uninstall psycopg",
            id="hubgate.E001",
        )
    ]
