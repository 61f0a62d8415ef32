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


class CardError(ValueError):
    """Front matter that cannot be read; the text says why."""


def _block(readme: str) -> str | None:
    """The text between the first `---` line and the next one."""
    lines = readme[:MAX_FRONT_MATTER].removeprefix("\ufeff").lstrip().splitlines()
    if not lines or lines[0] != "---":
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    return None if end is None else "\n".join(lines[1:end])


def _parsed(block: str) -> dict[str, Any] | None:
    """The block as JSON data, None for an empty one; CardError for what is no mapping."""
    try:
        data = yaml.load(block, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CardError(" ".join(str(error).split()) or type(error).__name__) from None
    if data is not None and not isinstance(data, dict):
        raise CardError("the metadata must be an object")
    return data


def front_matter(readme: str) -> dict[str, Any] | None:
    """The block between the first `---` line and the next one as JSON data; None if it is missing or does not parse."""
    block = _block(readme)
    try:
        return None if block is None else _parsed(block)
    except CardError:
        return None


WORDS = ("language", "license", "tags", "datasets", "base_model")
TEXTS = ("library_name", "pipeline_tag", "license_name", "extra_gated_prompt", "extra_gated_heading")
NO_METADATA = (
    "empty or missing yaml metadata in repo card (https://huggingface.co/docs/hub/{kind}-cards#{kind}-card-metadata)"
)


def problems(readme: str, kind: str) -> tuple[list[str], list[str]]:
    """Errors and warnings of `validate-yaml` (HC §3) for a README of a repository of this type.

    The Hub's whole schema is not known; refused are YAML that does not parse and keys of a kind that they cannot have.
    """
    block = _block(readme)
    try:
        data = None if block is None else _parsed(block)
    except CardError as error:
        return [f"Invalid YAML metadata: {error}"], []
    if not data:
        return [], [NO_METADATA.format(kind=kind)]
    errors = []
    for key in WORDS:
        values = data.get(key)
        single = values if isinstance(values, list) else [] if values is None else [values]
        if any(isinstance(value, (dict, list)) for value in single):
            errors.append(f'"{key}" must be a string or an array of strings')
    errors += [f'"{key}" must be a string' for key in TEXTS if isinstance(data.get(key), (dict, list))]
    index = data.get("model-index")
    if index is not None:
        entries = index if isinstance(index, list) else [None]
        if not all(isinstance(entry, dict) and isinstance(entry.get("results"), list) for entry in entries):
            errors.append('"model-index" must be an array of objects with "name" and "results"')
    return errors, []


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
