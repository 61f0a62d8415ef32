"""Compares an answer with what a conformance case expects. Pure. The format: tests/data/conformance/README.md."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PUBLIC = "https://huggingface.co"
MISSING = object()
NOW_WITHIN = 5.0


@dataclass
class Answer:
    """What came back: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass
class Context:
    """What a case may refer to: our origin, file contents, list entries before `steps` by user, time of last step."""

    origin: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    last_step: float = 0.0

    def local(self, text: str) -> str:
        return text.replace(PUBLIC, self.origin)


def differences(expect: Mapping[str, Any], answer: Answer, context: Context) -> list[str]:
    """Every way in which the answer is not what was expected; empty when it is."""
    out = []
    if answer.status != expect["status"]:
        out.append(f"status {answer.status} instead of {expect['status']}: {answer.text[:200]}")
    for name, wanted in expect.get("headers", {}).items():
        out += _header(name.lower(), wanted, answer.headers.get(name.lower()), context)
    if "text" in expect:
        out += _text(expect["text"], answer, context)
    if "json" in expect:
        try:
            found = json.loads(answer.body)
        except ValueError:
            out.append(f"body is no JSON: {answer.text[:200]!r}")
        else:
            out += _json(expect["json"], found, context)
    return out


def _header(name: str, wanted: Any, found: str | None, context: Context) -> list[str]:
    if wanted is None:
        return [] if found is None else [f"header {name} must be absent, is {found!r}"]
    if found is None:
        return [f"header {name} is missing"]
    if isinstance(wanted, dict):
        if "regex" in wanted and not re.search(wanted["regex"], found):
            return [f"header {name} is {found!r}, which does not match {wanted['regex']}"]
        return []
    shown = found.partition(";")[0].strip() if name == "content-type" else found
    local = context.local(wanted)
    return [] if shown == local else [f"header {name} is {shown!r} instead of {local!r}"]


def _text(wanted: Any, answer: Answer, context: Context) -> list[str]:
    if isinstance(wanted, str):
        local = context.local(wanted)
        return [] if answer.text == local else [f"text is {answer.text[:200]!r} instead of {local!r}"]
    if "file" in wanted:
        content = context.files.get(wanted["file"])
        if content is None:
            return [f"there is no fixture file {wanted['file']}"]
        return [] if answer.body == content else [f"body is not the content of {wanted['file']}"]
    if "prefix" in wanted:
        local = context.local(wanted["prefix"])
        return [] if answer.text.startswith(local) else [f"text does not start with {local!r}: {answer.text[:200]!r}"]
    return (
        []
        if re.search(wanted["regex"], answer.text)
        else [f"text does not match {wanted['regex']}: {answer.text[:200]!r}"]
    )


def _localised(value: Any, context: Context) -> Any:
    if isinstance(value, str):
        return context.local(value)
    if isinstance(value, list):
        return [_localised(item, context) for item in value]
    if isinstance(value, dict):
        return {key: _localised(item, context) for key, item in value.items()}
    return value


def same(left: Any, right: Any) -> bool:
    """Equality that tells `false` from 0 and `true` from 1, as JSON does."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def _json(wanted: Any, found: Any, context: Context) -> list[str]:
    if not (isinstance(wanted, dict) and "$shape" in wanted):
        local = _localised(wanted, context)
        return [] if same(found, local) else [f"JSON is {_short(found)} instead of {_short(local)}"]
    if wanted["$shape"] == "object":
        if not isinstance(found, dict):
            return [f"JSON is no object: {_short(found)}"]
        return _shape(wanted, found, "", context)
    if not isinstance(found, list):
        return [f"JSON is no array: {_short(found)}"]
    out = []
    if "length" in wanted and len(found) != wanted["length"]:
        out.append(f"{len(found)} entries instead of {wanted['length']}: {_short(found)}")
    if len(found) < wanted.get("length_min", 0):
        out.append(f"{len(found)} entries, fewer than {wanted['length_min']}")
    for index, item in enumerate(wanted.get("items", ())):
        if index >= len(found):
            out.append(f"entry {index} is missing")
        elif isinstance(found[index], dict):
            out += _shape(item, found[index], f"[{index}] ", context)
        else:
            out.append(f"entry {index} is no object: {_short(found[index])}")
    return out


def at(found: Any, path: str) -> Any:
    """The value at a dotted path, or MISSING."""
    for part in path.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return MISSING
    return found


def _keys(rule: Mapping[str, Any], found: Mapping[str, Any], where: str) -> list[str]:
    out = []
    # The Hub added `requestId` after the recordings.
    keys = [key for key in found if key != "requestId" or "requestId" in rule.get("keys", ())]
    if "keys" in rule:
        if rule.get("keys_mode") == "subset":
            missing = [key for key in rule["keys"] if key not in found]
            out += [f"{where}keys {missing} are missing"] if missing else []
        elif keys != rule["keys"]:
            out.append(f"{where}keys are {keys} instead of {rule['keys']}")
    present = [key for key in rule.get("absent", ()) if key in found]
    return out + ([f"{where}keys {present} must be absent"] if present else [])


def _shape(rule: Mapping[str, Any], found: Mapping[str, Any], where: str, context: Context) -> list[str]:
    out = _keys(rule, found, where)
    for path, wanted in rule.get("values", {}).items():
        value, local = at(found, path), _localised(wanted, context)
        if value is MISSING or not same(value, local):
            out.append(f"{where}{path} is {_short(value)} instead of {_short(local)}")
    for path, pattern in rule.get("match", {}).items():
        value = at(found, path)
        if not isinstance(value, str) or not re.search(pattern, value):
            out.append(f"{where}{path} is {_short(value)}, which does not match {pattern}")
    for path, nested in rule.get("sub", {}).items():
        value = at(found, path)
        if isinstance(value, dict):
            out += _shape(nested, value, f"{where}{path}: ", context)
        else:
            out.append(f"{where}{path} is no object: {_short(value)}")
    for path, relation in rule.get("relations", {}).items():
        out += _relation(path, relation, found, where, context)
    return out


def _relation(path: str, relation: str, found: Mapping[str, Any], where: str, context: Context) -> list[str]:
    value = at(found, path)
    if relation.startswith("eq:"):
        other = at(found, relation[3:])
        return [] if value is not MISSING and same(value, other) else [f"{where}{path} is not equal to {relation[3:]}"]
    if relation == "now":
        try:
            gap = abs(datetime.fromisoformat(value).timestamp() - context.last_step)
        except (TypeError, ValueError):
            return [f"{where}{path} is no time: {_short(value)}"]
        return [] if gap <= NOW_WITHIN else [f"{where}{path} is {value}, {gap:.0f} s from the last step"]
    user = at(found, "user.user")
    old = at(context.before.get(user if isinstance(user, str) else "", {}), path)
    if old is MISSING:
        return [f"{where}{path}: there was no entry before the steps to compare with"]
    if relation == "same":
        return [] if same(value, old) else [f"{where}{path} is {_short(value)}, was {_short(old)}"]
    if relation == "new":
        return [f"{where}{path} is still {_short(old)}"] if value is MISSING or same(value, old) else []
    return [f"{where}{path}: unknown relation {relation!r}"]


def _short(value: Any) -> str:
    if value is MISSING:
        return "missing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "…"
