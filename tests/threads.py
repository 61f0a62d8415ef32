"""Threads of a test that use the database, each with a connection of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Start all calls at the same moment; what each gave, or the exception it raised, in their order."""
    ready = threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            ready.wait(10)
            found[place] = call()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread never ended"
    return found


def failures(found: Sequence[Any]) -> list[Exception]:
    """The exceptions among the outcomes of a race."""
    return [one for one in found if isinstance(one, Exception)]


def sqlite_busy(folder: Path) -> OperationalError:
    """What Django raises when SQLite refuses a writer because of another."""
    first, second = (sqlite3.connect(folder / "busy.sqlite3", timeout=0, isolation_level=None) for _ in range(2))
    try:
        first.execute("BEGIN IMMEDIATE")
        second.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as refusal:
        error = OperationalError(str(refusal))
        error.__cause__ = refusal
        return error
    finally:
        first.close()
        second.close()
    raise AssertionError("SQLite let two write at once")
