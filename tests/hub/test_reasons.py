"""The reason as the Hub counts it: 200 UTF-16 units (HC §1.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.hub.reasons import REASON_LIMIT, fit_reason, storable, utf16_len

ANY_TEXT = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("text", "units"),
    [("", 0), ("abc", 3), ("é", 1), ("日本", 2), ("🙂", 2), ("👩🏽‍🔬", 7), ("a\u0301", 2)],
)
def test_length_is_counted_as_javascript_does(text, units):
    assert utf16_len(text) == units == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("  Not this time.  ", 200, "Not this time."),
        ("x" * 200, 200, "x" * 200),
        ("🙂" * 100, 200, "🙂" * 100),
        ("Please use your institutional address", 20, "Please use your…"),
        ("Please use your, institutional address", 20, "Please use your…"),
        ("Bitte nicht", 11, "Bitte nicht"),
        ("x" * 30, 10, "x" * 9 + "…"),
        ("申請理由が短すぎます", 6, "申請理由が…"),
        ("🙂🙂🙂🙂", 6, "🙂🙂…"),
        ("abcdefghe\u0301fgh", 10, "abcdefgh…"),
        ("abcdefg👩🏽", 10, "abcdefg…"),
    ],
)
def test_a_long_reason_is_shortened_at_a_border(text, limit, short):
    assert fit_reason(text, limit) == short


@given(ANY_TEXT)
def test_what_comes_out_always_fits_and_can_be_sent(text):
    fitted = fit_reason(text)
    assert utf16_len(fitted) <= REASON_LIMIT
    assert "\x00" not in fitted
    fitted.encode()
    if utf16_len(storable(text).strip()) <= REASON_LIMIT:
        assert fitted == storable(text).strip()


@pytest.mark.parametrize(("text", "stored"), [("a\x00b", "a\ufffdb"), ("a\ud800b", "a\ufffdb"), ("é🙂", "é🙂")])
def test_text_that_a_database_refuses_is_mended(text, stored):
    assert storable(text) == stored
