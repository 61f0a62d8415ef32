"""Evaluation results of a card's `model-index`, as the Hub's model cards write them. A result that is no number, or
that names no metric, is left out: there is nothing to plot."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from hubgate.hub.card.front_matter import Mapping, Node, Scalar, Sequence

MODEL_INDEX_KEY = "model-index"
MOST_RESULTS = 500
_LONGEST = 200  # characters of a name


@dataclass(frozen=True, slots=True)
class Result:
    """One number of an evaluation: of which metric, on which dataset, and of which task (empty where not said)."""

    metric: str
    dataset: str
    task: str
    value: float


def read_results(node: Node | None) -> tuple[Result, ...]:
    """The numbers of a `model-index`, in order; at most `MOST_RESULTS`."""
    found: list[Result] = []
    for model in _maps(node):
        for result in _maps(model.get("results")):
            dataset, task = _dataset(result.get("dataset")), _name(result.get("task"))
            for metric in _maps(result.get("metrics")):
                name, value = _metric(metric), _number(metric.get("value"))
                if name and value is not None and len(found) < MOST_RESULTS:
                    found.append(Result(name, dataset, task, value))
    return tuple(found)


def _maps(node: Node | None) -> Iterator[Mapping]:
    items = node.items if isinstance(node, Sequence) else [node]
    yield from (item for item in items if isinstance(item, Mapping))


def _text(node: Node | None) -> str:
    return " ".join(node.text.split())[:_LONGEST] if isinstance(node, Scalar) and not node.is_null else ""


def _name(node: Node | None) -> str:
    return (_text(node.get("name")) or _text(node.get("type"))) if isinstance(node, Mapping) else _text(node)


def _dataset(node: Node | None) -> str:
    if not isinstance(node, Mapping):
        return _text(node)
    parts = [_name(node), *(_text(node.get(key)) for key in ("config", "split"))]
    return " · ".join(dict.fromkeys(part for part in parts if part))[:_LONGEST]


def _metric(node: Mapping) -> str:
    return _text(node.get("name")) or _text(node.get("type"))


def _number(node: Node | None) -> float | None:
    if not isinstance(node, Scalar) or node.is_null or node.boolean is not None or len(node.text) > 60:
        return None
    try:
        value = float(node.text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
