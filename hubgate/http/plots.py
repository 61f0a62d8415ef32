"""Plots as SVG that the server draws: columns over time, and bars. Widths are per cent, so that text keeps its size on
a phone; no colour, style or script stands in them: the style sheet has these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_STRIP = 100  # pixels of a strip, of which the columns take the lower part
_COLUMNS = 52
_TICKS = 20
_BAR = 40
_MOST_TICKS = 5


@dataclass(frozen=True)
class Series:
    """One row of columns: its name, a value for each place (None: nothing to show) and each value in words."""

    name: str
    values: Sequence[float | None]
    shown: Sequence[str]


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its value, and that in words."""

    label: str
    value: float
    shown: str


@dataclass(frozen=True)
class Figure:
    """A plot with all that belongs to it: an id of its own on the page, a title, what it shows in a sentence, the
    drawing (empty where there is nothing to draw) and the table behind it."""

    key: str
    title: str
    finding: str
    svg: SafeString | str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def columns(series: Sequence[Series], places: Sequence[str], finding: str, *, running: bool = True) -> SafeString:
    """Columns over time, a strip for each series one under the other on one scale, each named where it stands, with its
    highest value told. `places` name the places of all series; the last one is outlined when it is still `running`.
    ValueError where a series has another number of places."""
    for each in series:
        if not len(each.values) == len(each.shown) == len(places) > 0:
            raise ValueError(f"The series {each.name} has {len(each.values)} values for {len(places)} places.")
    most = max((value for each in series for value in each.values if value), default=0)
    height = _STRIP * len(series) + _TICKS
    strips = [_strip(each, places, most, (number + 1) * _STRIP, running) for number, each in enumerate(series)]
    return _svg(height, finding, format_html_join("", "{}", ((strip,) for strip in [*strips, _ticks(places, height)])))


def bars(rows: Sequence[Bar], finding: str, *, whole: float = 0) -> SafeString:
    """Bars one under the other, each under its own label and value, all on one scale from zero; those below zero go the
    other way. `whole` is what a full bar stands for where no value is larger."""
    most = max([whole, *(row.value for row in rows)])
    least = min([0.0, *(row.value for row in rows)])
    zero = _share(-least, most - least, 100)
    drawn = [
        format_html(
            '<text x="0" y="{}">{}</text><text class="hg-plot__value" x="100%" y="{}" text-anchor="end">{}</text>'
            '<rect class="hg-plot__track" x="0" y="{}" width="100%" height="8" rx="2"/>'
            '<rect class="hg-plot__mark" x="{}%" y="{}" width="{}%" height="8" rx="2"><title>{}: {}</title></rect>',
            *(number * _BAR + 13, row.label, number * _BAR + 13, row.shown, number * _BAR + 20),
            _round(zero + min(0.0, _share(row.value, most - least, 100))) if least else 0,
            *(number * _BAR + 20, _share(abs(row.value), most - least, 100), row.label, row.shown),
        )
        for number, row in enumerate(rows)
    ]
    return _svg(max(1, len(rows)) * _BAR, finding, format_html_join("", "{}", ((each,) for each in drawn)))


def _strip(series: Series, places: Sequence[str], most: float, base: int, running: bool) -> SafeString:
    slot = 100 / len(places)
    peak = max(range(len(places)), key=lambda place: series.values[place] or 0)
    parts = [
        format_html('<text class="hg-plot__name" x="0" y="{}">{}</text>', base - _STRIP + 20, series.name),
        format_html('<line class="hg-plot__base" x1="0" x2="100%" y1="{}" y2="{}"/>', base, base),
    ]
    for place, value in enumerate(series.values):
        if not value:
            continue
        tall = max(2.0, _share(value, most, _COLUMNS))
        is_running = running and place == len(places) - 1
        parts.append(
            format_html(
                '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"><title>{}: {}</title></rect>',
                "hg-plot__mark hg-plot__mark--running" if is_running else "hg-plot__mark",
                *(_round(place * slot + slot * 0.1), _round(base - tall), _round(slot * 0.8), _round(tall)),
                *(places[place], series.shown[place]),
            )
        )
    if highest := series.values[peak]:
        at = (peak + 0.5) * slot
        parts.append(
            format_html(
                '<text class="hg-plot__value" x="{}%" y="{}" text-anchor="{}">{}</text>',
                *(_round(at), _round(base - max(2.0, _share(highest, most, _COLUMNS)) - 5)),
                *("start" if at < 8 else "end" if at > 92 else "middle", series.shown[peak]),
            )
        )
    return format_html_join("", "{}", ((part,) for part in parts))


def _ticks(places: Sequence[str], height: int) -> SafeString:
    last = len(places) - 1
    apart = max(1, -(-last // (_MOST_TICKS - 1)))
    chosen = [place for place in range(0, last, apart) if place == 0 or last - place >= apart] + [last]
    return format_html_join(
        "",
        '<text x="{}%" y="{}" text-anchor="{}">{}</text>',
        (
            (
                0 if place == 0 else 100 if place == len(places) - 1 else _round((place + 0.5) * 100 / len(places)),
                height - 4,
                "start" if place == 0 else "end" if place == len(places) - 1 else "middle",
                places[place],
            )
            for place in chosen
        ),
    )


def _svg(height: int, finding: str, content: SafeString) -> SafeString:
    return format_html(
        '<svg class="hg-plot" width="100%" height="{}" role="img" aria-label="{}">{}</svg>', height, finding, content
    )


def _share(value: float, most: float, whole: int) -> float:
    return _round(value / most * whole) if most else 0.0


def _round(number: float) -> float:
    return round(number, 2)
