"""The data folder: who owns it now, its keys, and which Hub its data belongs to."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

KEYS = "keys.env"
HUB = "hub.env"
LOCK = "run.lock"
_OURS = {KEYS, HUB, LOCK, "log", "hub", "hubgate.sqlite3"}


class LaunchError(Exception):
    """Why hubgate was not started, as a sentence with what to do."""


def prepare(folder: Path) -> dict[str, str]:
    """Make the folder (0700) and its keys (0600) where absent; give the keys.

    The keys are HUBGATE_SECRET_KEY, HUBGATE_ENCRYPTION_KEY, HUBGATE_OIDC_CLIENT_SECRET and HUBGATE_OPERATOR_PASSWORD,
    made once at random: there is no default key that somebody else could know.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "log").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LaunchError(
            f"The data folder {folder} cannot be made: {error.strerror}. Name another with --data."
        ) from None
    path = folder / KEYS
    if not path.exists():
        if (folder / "hubgate.sqlite3").exists():
            raise LaunchError(
                f"{path} is missing, but there is a database: its Hub tokens cannot be read without the key. "
                "Put the file back from your backup, or start afresh with ./run reset."
            )
        write_private(
            path,
            {
                "HUBGATE_SECRET_KEY": secrets.token_urlsafe(50),
                "HUBGATE_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "HUBGATE_OIDC_CLIENT_SECRET": secrets.token_urlsafe(32),
                "HUBGATE_OPERATOR_PASSWORD": secrets.token_urlsafe(12),
            },
        )
    path.chmod(0o600)
    return read(path)


def read(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file; empty when there is no file."""
    if not path.exists():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_private(path: Path, values: Mapping[str, str]) -> None:
    """Write NAME=value lines that only the owner may read; whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(path)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder, so that two processes never work on it at once. Given back even if the process is killed."""
    with (folder / LOCK).open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LaunchError(
                f"hubgate is already running on the data folder {folder}. Stop it first, or name another with --data."
            ) from None
        yield


def bind_to_hub(folder: Path, values: Mapping[str, str]) -> None:
    """Note the Hub that this data belongs to (`values`, as environment variables) for the next start and for `manage`.

    Raises LaunchError when the folder holds the demo and `values` mean a real Hub, or the other way round: rows of one
    must never be taken for rows of the other.
    """
    noted = read(folder / HUB)
    if noted and noted["HUBGATE_DEMO"] != values["HUBGATE_DEMO"]:
        holds, wants = (
            ("the demo", "a real Hub") if noted["HUBGATE_DEMO"] == "1" else ("data of a real Hub", "the demo")
        )
        raise LaunchError(
            f"The data folder {folder} holds {holds}, and you are starting {wants}. Name another folder with --data."
        )
    if noted and values["HUBGATE_DEMO"] == "0" and noted["HUBGATE_HUB_URL"] != values["HUBGATE_HUB_URL"]:
        raise LaunchError(
            f"The data folder {folder} belongs to {noted['HUBGATE_HUB_URL']}, and you are starting with "
            f"{values['HUBGATE_HUB_URL']}. Name another folder with --data."
        )
    write_private(folder / HUB, values)


def remove(folder: Path) -> None:
    """Delete the folder and all in it. Raises LaunchError when it does not look like a data folder of hubgate."""
    if not (folder / KEYS).exists() or not any((folder / name).exists() for name in _OURS - {KEYS}):
        raise LaunchError(f"{folder} does not look like a data folder of hubgate; nothing was removed.")
    with held(folder):
        shutil.rmtree(folder)
