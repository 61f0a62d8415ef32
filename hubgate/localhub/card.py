"""Front matter of a README as the Hub shows it in `cardData`, and the tags that it derives from it. Pure.

YAML is read the way a YAML 1.2 reader does: `No`, `12:30` and `2024-01-01` stay text, duplicate keys are an error.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]+)?")
MAX_FRONT_MATTER = 1_000_000


class _Loader(yaml.CSafeLoader):
    pass


_Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*|0x[0-9a-fA-F]+|0o[0-7]+)$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = (
            key_node.value
            if isinstance(key_node, yaml.ScalarNode)
            else str(loader.construct_object(key_node, deep=True))
        )
        if key in out:
            raise yaml.constructor.ConstructorError(None, None, f"duplicated mapping key {key!r}", key_node.start_mark)
        out[key] = loader.construct_object(value_node, deep=True)
    return out


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def front_matter(readme: str) -> dict[str, Any] | None:
    """The block between the first `---` line and the next one as JSON data; None if it is missing or does not parse."""
    lines = readme[:MAX_FRONT_MATTER].removeprefix("\ufeff").lstrip().splitlines()
    if not lines or lines[0] != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return None
    try:
        data = yaml.load("\n".join(lines[1:end]), Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _words(value: object) -> list[str]:
    return (
        [str(item) for item in value if item is not None] if isinstance(value, list) else [str(value)] if value else []
    )


def tags(card: dict[str, Any] | None) -> list[str]:
    """The tags that the Hub derives from a card: own, library, languages, `license:…`, `dataset:…`, `base_model:…`."""
    card = card or {}
    out = [*_words(card.get("library_name")), *_words(card.get("pipeline_tag")), *_words(card.get("tags"))]
    for key, prefix in (
        ("language", ""),
        ("datasets", "dataset:"),
        ("base_model", "base_model:"),
        ("license", "license:"),
    ):
        out += [prefix + word for word in _words(card.get(key))]
    return list(dict.fromkeys([*out, "region:us"]))


def fields(card: dict[str, Any] | None) -> list[str]:
    """The labels of the gate form in card order, from a map or from a list of one-pair maps."""
    found = (card or {}).get("extra_gated_fields")
    if isinstance(found, dict):
        return list(found)
    if isinstance(found, list):
        return [label for item in found if isinstance(item, dict) for label in item]
    return []
