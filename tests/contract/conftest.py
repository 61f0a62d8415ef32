"""A small world on the local Hub for the unmodified client: an author, a requester, gated and open repositories."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from hubgate.localhub.door import ControlDoor

MODEL = "aurora/thermo"
DATASET = "aurora/weather"
OPEN = "aurora/open-model"
README = "---\nlicense: mit\ntags: [physics, 物理]\nextra_gated_fields:\n  Affiliation: text\n---\n\n# thermo\n"
WEIGHTS = bytes(range(256)) * 4096


@dataclass
class World:
    """The door, and a client for each person, all given the endpoint and the token outright."""

    door: ControlDoor
    author: HfApi
    requester: HfApi
    stranger: HfApi
    author_token: str
    requester_token: str


@pytest.fixture
def world(hub: ControlDoor) -> World:
    author = hub.person("aurora", fullname="Aurora Lab")["tokens"][0]
    requester = hub.person("kim", fullname="Kim Ito", email="kim@uni.example")["tokens"][0]
    files = {
        "README.md": README,
        "config.json": '{"hidden_size": 8}\n',
        "sub/notes.txt": "notes\n",
        "model.safetensors": {"base64": base64.b64encode(WEIGHTS).decode(), "lfs": True},
    }
    hub.repo(MODEL, gated="manual", files=files)
    hub.repo(DATASET, type="dataset", gated="auto", files={"README.md": README, "data.csv": "a,b\n1,2\n"})
    hub.repo(OPEN, files={"README.md": "# open\n", "config.json": "{}\n"})

    def client(token: str | bool) -> HfApi:
        return HfApi(endpoint=hub.base_url, token=token)

    return World(hub, client(author), client(requester), client(False), author, requester)


def _environment(world: World, home: Path, token: str | None) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "HF_HOME": str(home / "hf"),
        "HF_ENDPOINT": world.door.base_url,
        "HF_TOKEN": token or world.author_token,
        "NO_COLOR": "1",
    }


@pytest.fixture
def hf(world: World, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the `hf` command against the local Hub with the author's token: `hf("models", "ls")`."""
    command = Path(sys.executable).with_name("hf")

    def run(*words: str, token: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        env = _environment(world, tmp_path, token) | more
        return subprocess.run([str(command), *words], env=env, capture_output=True, text=True, timeout=90)

    return run


@pytest.fixture
def python(world: World, tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs a script in a Python whose client knows the local Hub as its only endpoint, with the author's token."""

    def run(script: str) -> subprocess.CompletedProcess[str]:
        env = _environment(world, tmp_path, None)
        return subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=90)

    return run
