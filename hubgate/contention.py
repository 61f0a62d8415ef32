"""Transactions that stood in each other's way: the database ended one of them, which has done nothing and may simply
begin again. Rows of one table are locked in one order everywhere, so that this stays rare."""

from __future__ import annotations

import functools
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import Error, connection

logger = logging.getLogger(__name__)
_TRIES = 4
_LONGEST_PAUSE_S = 0.1
_ENDED = ("40001", "40P01")  # PostgreSQL's serialization_failure and deadlock_detected
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

Given = ParamSpec("Given")
Result = TypeVar("Result")


def is_contention(error: BaseException) -> bool:
    """Whether an error says that others held what a transaction needed: nothing of it is kept, and nothing is wrong
    with it."""
    if not isinstance(error, Error):
        return False
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return _was_ended(error) or (code is not None and code & 0xFF in _BUSY)


def begins_again(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """For a function whose transaction is the outermost: where PostgreSQL ends that for the sake of another, it is run
    again, a few times. Its arguments must bear being read twice. On SQLite, whose writers queue for many seconds before
    one is refused, there is nothing to gain."""

    @functools.wraps(work)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        for tries_left in reversed(range(_TRIES)):
            try:
                return work(*args, **kwargs)
            except Error as error:
                if not tries_left or connection.in_atomic_block or not _was_ended(error):
                    raise
                logger.info("%s begins again, ended for the sake of another transaction", work.__qualname__)
                time.sleep(random.uniform(0, _LONGEST_PAUSE_S))  # noqa: S311
        raise AssertionError("the last try returns or raises")

    return run


def _was_ended(error: Error) -> bool:
    return getattr(error.__cause__, "pgcode", None) in _ENDED
