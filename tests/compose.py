"""docker-compose.yml and Dockerfile as data, so that what they run can be run without Docker."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True)
class Compose:
    """The file as YAML has it, its anchors merged."""

    content: dict[str, Any]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        """Service name → its facts."""
        services: dict[str, dict[str, Any]] = self.content["services"]
        return services

    @property
    def ours(self) -> dict[str, dict[str, Any]]:
        """The services that run hubgate itself."""
        return {name: facts for name, facts in self.services.items() if "build" in facts}

    def environment(self, service: str, given: Mapping[str, str]) -> dict[str, str]:
        """The variables of a service where `.env` holds `given`. KeyError for one that the file insists on."""
        return {name: resolved(str(value), given) for name, value in self.services[service]["environment"].items()}

    def command(self, service: str) -> list[str]:
        """What a service runs."""
        return [str(word) for word in self.services[service]["command"]]

    def healthcheck(self, service: str) -> list[str]:
        """What says whether a service is well, without the word CMD."""
        words = [str(word) for word in self.services[service]["healthcheck"]["test"]]
        assert words[0] == "CMD"
        return words[1:]


def read() -> Compose:
    """The repository's docker-compose.yml."""
    return Compose(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def resolved(text: str, given: Mapping[str, str]) -> str:
    """`${NAME}`, `${NAME:-default}` and `${NAME:?why}` as Compose reads them."""

    def value(match: re.Match[str]) -> str:
        name, how, rest = match.groups()
        if given.get(name):
            return given[name]
        if how == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return _VARIABLE.sub(value, text)


def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile: (word, rest), lines that go on joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in joined.splitlines() if line.strip()]


def image_environment() -> dict[str, str]:
    """The variables that the last stage of the image sets, PATH left out."""
    pairs = [pair for word, rest in dockerfile() if word == "ENV" for pair in rest.split()]
    found = dict(pair.split("=", 1) for pair in pairs)
    found.pop("PATH")
    return found


def copy_image(folder: Path) -> Path:
    """The tree of the image: what the first stage copies of what `.dockerignore` lets through."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    allowed = [rule[1:] for rule in rules if rule.startswith("!")]
    left_out = [rule for rule in rules if not rule.startswith("!") and rule != "*"]
    assert rules[0] == "*"

    def ignored(place: str, names: list[str]) -> set[str]:
        inside = Path(place).relative_to(ROOT)
        return {name for name in names if any(_fits(inside / name, rule) for rule in left_out)}

    for word, rest in dockerfile():
        if word != "COPY" or rest.startswith("--from"):
            continue
        *sources, target = rest.split()
        for source in sources:
            assert source in allowed, f".dockerignore keeps {source} out, which the Dockerfile copies"
            goal = folder / (source if target == "./" else target)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, goal, ignore=ignored)
            else:
                shutil.copy(ROOT / source, goal)
    return folder


def _fits(path: Path, rule: str) -> bool:
    return path.match(rule.removeprefix("**/")) if rule.startswith("**/") else path == Path(rule)
