"""Plots that the server draws: their shapes carry the numbers of their tables."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.http.plots import Bar, Series, bars, columns

VALUES = st.lists(st.one_of(st.none(), st.integers(0, 10**12)), min_size=1, max_size=60)
RECT = re.compile(r'<rect class="hg-plot__mark[^"]*" x="([\d.]+)%?" y="([\d.]+)" width="([\d.]+)%" height="([\d.]+)"')


def drawn(values):
    places = [f"P{number}" for number in range(len(values))]
    return str(columns([Series("Asked", values, [str(value) for value in values])], places, "A finding."))


@given(VALUES)
def test_each_number_has_its_column_and_no_column_leaves_the_plot(values):
    svg = drawn(values)
    told = dict(re.findall(r"<title>(P\d+): (\d+)</title>", svg))
    assert told == {f"P{number}": str(value) for number, value in enumerate(values) if value}
    for x, y, width, height in (map(float, found) for found in RECT.findall(svg)):
        assert 0 <= x <= x + width <= 100.01
        assert 0 <= y <= y + height <= 100.01


@given(VALUES)
def test_a_higher_number_has_a_column_that_is_no_lower(values):
    heights = [float(found[3]) for found in RECT.findall(drawn(values))]
    numbers = [value for value in values if value]
    assert len(heights) == len(numbers)
    ranked = [height for _, height in sorted(zip(numbers, heights, strict=True))]
    assert ranked == sorted(ranked)


def test_the_finding_is_the_label_and_texts_are_escaped():
    svg = str(bars([Bar("<b>", 3, "3")], 'Of 3 "all" <i>'))
    assert 'role="img" aria-label="Of 3 &quot;all&quot; &lt;i&gt;"' in svg
    assert "<b>" not in svg
    assert "style=" not in svg


def test_bars_of_nothing_and_of_one():
    assert 'width="0.0%"' in str(bars([Bar("None", 0, "0")], "Nothing."))
    assert 'width="100.0%"' in str(bars([Bar("All", 5, "5")], "All."))
    assert "<svg" in str(bars([], "Nothing."))


def test_a_series_of_another_length_is_refused():
    with pytest.raises(ValueError, match="Asked has 2 values for 1 places"):
        columns([Series("Asked", [1, 2], ["1", "2"])], ["Mon"], "A finding.")
