"""Front matter as the Hub reads it."""

import time

import pytest

from hubgate.localhub import card


def front(yaml: str):
    return card.front_matter(f"---\n{yaml}\n---\n# Title\n")


def test_plain_words_stay_text():
    data = front("a: No\nb: yes\nc: 12:30\nd: 2024-01-01\ne: NO\nf: true\ng: 3\nh: ~")
    assert data == {
        "a": "No", "b": "yes", "c": "12:30", "d": "2024-01-01", "e": "NO", "f": True, "g": 3, "h": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "readme",
    [
        "",
        "# no card",
        "---\na: 1\n",
        "--- \na: 1\n---\n",
        "---\n- list\n---\n",
        "---\na: 1\na: 2\n---\n",
        "---\na: [\n---\n",
    ],
)
def test_no_card_where_the_hub_sees_none(readme):
    assert card.front_matter(readme) is None


@pytest.mark.parametrize(
    "readme", ["\ufeff---\na: 1\n---\n", "---\r\na: 1\r\n---\r\n", "---\na: 1\n---", "---\na: 1\n--- \nx"]
)
def test_marks_and_line_ends_do_no_harm(readme):
    assert card.front_matter(readme) == {"a": 1}


def test_thousands_of_empty_lines_do_not_hang():
    began = time.monotonic()
    assert card.front_matter("---\n" + "\n" * 100_000) is None
    assert time.monotonic() - began < 5


def test_tags_come_from_several_keys():
    data = {"license": "mit", "language": ["en", "de"], "tags": ["x", "not-for-all-audiences"], "library_name": "lib"}
    assert card.tags(data) == ["lib", "x", "not-for-all-audiences", "en", "de", "license:mit", "region:us"]


@pytest.mark.parametrize("fields", [{"Name": "text", "Ok": "checkbox"}, [{"Name": "text"}, {"Ok": "checkbox"}]])
def test_fields_are_a_map_or_a_list_of_maps(fields):
    assert card.fields({"extra_gated_fields": fields}) == ["Name", "Ok"]
