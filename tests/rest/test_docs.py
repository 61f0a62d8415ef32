"""docs/api.md: every command in it is run, every answer in it is given."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access.api import problems as access_problems
from access.models import AccessRequest
from hubgate.accounts import scopes
from hubgate.http.rest import problems
from hubgate.operations.api import problems as operations_problems
from repos import people_problems
from tagging.api import problems as tagging_problems
from tests.rest.conftest import Caller

DOCS = (Path(__file__).resolve().parent.parent.parent / "docs" / "api.md").read_text()


@pytest.mark.django_db(transaction=True)
def test_every_command_gives_the_answer_beside_it(script: Caller, asked: AccessRequest):
    examples = re.findall(r"```sh\n(.+?)\n```\n```json\n(.+?)\n```", DOCS, flags=re.S)
    assert len(examples) == DOCS.count("curl ") == DOCS.count("```json")
    for command, told in examples:
        said = command.replace("$HUBGATE", "").replace("$TOKEN", script.token)
        said = said.replace("$REQUEST", str(asked.pk)).replace("$REPOSITORY", str(asked.repository_id))
        response = run(said)
        expected = json.loads(told)
        if "code" not in expected:
            assert response.status_code in (200, 201), f"{command}\n{response.text}"
        missing = different(expected, response.json())
        assert not missing, f"{command}\n{missing}\n{response.text}"


def test_the_tables_of_codes_and_scopes_are_whole():
    named = dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", DOCS, flags=re.M))
    of_apps = {
        *access_problems.PROBLEMS,
        *tagging_problems.PROBLEMS,
        *operations_problems.PROBLEMS,
        *people_problems.PROBLEMS,
    }
    general = {code: str(kind.status) for code, kind in problems.kinds().items() if code not in of_apps}
    assert named == general
    assert {scope for scope in scopes.SCOPES if f"| `{scope}` |" in DOCS} == set(scopes.SCOPES)


def run(command: str) -> Any:
    """A curl command as a call of the test's client."""
    words = iter(shlex.split(command)[1:])
    method, headers, body, address = "GET", {}, "", ""
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name.lower()] = value
        elif word == "-d":
            body = next(words)
        else:
            address = word
    content_type = headers.pop("content-type", "")
    return Client().generic(method, address, body, content_type=content_type, headers=headers)


def different(told: Any, given: Any, at: str = "") -> list[str]:
    """Where what is told is not in what was given: objects may have more members, lists more entries."""
    if isinstance(told, dict):
        if not isinstance(given, dict):
            return [f"{at}: {given!r}"]
        return [
            one for name, value in told.items() for one in different(value, given.get(name, "absent"), f"{at}.{name}")
        ]
    if isinstance(told, list) and told and isinstance(told[0], dict):
        found = [different(told[0], one, at) for one in given] if isinstance(given, list) else []
        return [] if [] in found else [f"{at}: nothing in {given!r} is like {told[0]!r}"]
    return [] if told == given else [f"{at}: {given!r}"]
