"""A tag set and cleared in a card, and every other byte where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubgate.hub.card import NFAA_TAG, lookalikes, read_card
from hubgate.hub.card_edit import CardEditError, clear_tag, set_tag

CARDS = Path(__file__).parent.parent / "data" / "cards"
SAMPLES = {path.name: path.read_bytes() for path in sorted(CARDS.glob("*.md"))}
READABLE = [name for name, card in SAMPLES.items() if not read_card(card).errors]
UNTAGGED = [name for name in READABLE if not read_card(SAMPLES[name]).nfaa]
TAG = NFAA_TAG.encode()


def changed_lines(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that went and the lines that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_there_are_samples_of_every_kind():
    assert len(UNTAGGED) >= 12
    assert len(READABLE) > len(UNTAGGED)
    assert len(SAMPLES) > len(READABLE)


@pytest.mark.parametrize("name", UNTAGGED)
def test_setting_and_clearing_a_sample_gives_its_bytes_back(name: str):
    card = SAMPLES[name]
    tagged = set_tag(card)
    assert read_card(tagged).nfaa is True
    assert [tag for tag in read_card(tagged).tags if tag != NFAA_TAG] == list(read_card(card).tags)
    assert read_card(tagged).fields == read_card(card).fields
    assert clear_tag(tagged) == card


@pytest.mark.parametrize("name", sorted(set(READABLE) - set(UNTAGGED)))
def test_setting_a_tag_that_is_there_changes_nothing(name: str):
    assert set_tag(SAMPLES[name]) == SAMPLES[name]
    assert read_card(clear_tag(SAMPLES[name])).nfaa is False


@pytest.mark.parametrize("name", UNTAGGED)
def test_clearing_a_tag_that_is_not_there_changes_nothing(name: str):
    assert clear_tag(SAMPLES[name]) == SAMPLES[name]


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - set(READABLE)))
def test_a_card_that_cannot_be_read_is_refused_with_its_line(name: str):
    error = read_card(SAMPLES[name]).errors[0]
    for edit in (set_tag, clear_tag):
        with pytest.raises(CardEditError) as refused:
            edit(SAMPLES[name])
        assert (refused.value.code, refused.value.line) == (error.code, error.line)
        assert error.message in refused.value.message
        assert "by hand" in refused.value.message


EDITS = {
    "no front matter": (b"# Model\n", b"---\ntags:\n- TAG\n---\n\n# Model\n"),
    "nothing at all": (b"", b"---\ntags:\n- TAG\n---\n\n"),
    "a mark and CRLF, no front matter": (
        b"\xef\xbb\xbf# M\r\n",
        b"\xef\xbb\xbf---\r\ntags:\r\n- TAG\r\n---\r\n\r\n# M\r\n",
    ),
    "empty front matter": (b"---\n---\n# M", b"---\ntags:\n  - TAG\n---\n# M"),
    "a blank line between the fences": (b"---\n\n---\n# M", b"---\n\ntags:\n  - TAG\n---\n# M"),
    "no tags": (b"---\nlicense: mit\n---\n", b"---\nlicense: mit\ntags:\n- TAG\n---\n"),
    "no tags, keys indented": (b"---\n  license: mit\n---\n", b"---\n  license: mit\n  tags:\n  - TAG\n---\n"),
    "no tags, lists indented": (b"---\na:\n   - b\n---\n", b"---\na:\n   - b\ntags:\n   - TAG\n---\n"),
    "no tags after a kept block": (b"---\na: |+\n  b\n\n---\n", b"---\na: |+\n  b\n\ntags:\n- TAG\n---\n"),
    "no tags, the document ended": (b"---\na: b\n...\n---\n", b"---\ntags:\n- TAG\na: b\n...\n---\n"),
    "a comment behind tags": (b"---\ntags: # all\na: b\n---\n", b"---\ntags: # all\n- TAG\na: b\n---\n"),
    "an empty list": (b"---\ntags: [ ]\n---\n", b"---\ntags: [TAG ]\n---\n"),
    "a flow list": (b"---\ntags: ['a', b] # c\n---\n", b"---\ntags: ['a', b, TAG] # c\n---\n"),
    "a flow list of lines": (
        b"---\ntags: [\n  a, # c\n  b # d\n]\n---\n",
        b"---\ntags: [\n  a, # c\n  b, TAG # d\n]\n---\n",
    ),
    "a comma at the end": (b"---\ntags: [\n  a,\n]\n---\n", b"---\ntags: [\n  a, TAG,\n]\n---\n"),
    "a list, CRLF": (b"---\r\ntags:\r\n- a\r\nb: c\r\n---\r\n", b"---\r\ntags:\r\n- a\r\n- TAG\r\nb: c\r\n---\r\n"),
    "a list, one line in CRLF": (b"---\ntags:\n- a\r\nb: c\n---\n", b"---\ntags:\n- a\r\n- TAG\r\nb: c\n---\n"),
    "an odd indentation": (
        b"---\ntags:\n     -   a\nb: c\n---\n",
        b"---\ntags:\n     -   a\n     -   TAG\nb: c\n---\n",
    ),
    "a comment in the list": (b"---\ntags:\n- a\n# c\n- b # d\n---\n", b"---\ntags:\n- a\n# c\n- b # d\n- TAG\n---\n"),
    "a last tag of several lines": (b"---\ntags:\n- a\n- >-\n  b\n---\n", b"---\ntags:\n- TAG\n- a\n- >-\n  b\n---\n"),
    "a key in quotes": (b'---\n"tags":\n- a\n---\n', b'---\n"tags":\n- a\n- TAG\n---\n'),
    "a long key": (b"---\n? tags\n: - a\n---\n", b"---\n? tags\n: - a\n  - TAG\n---\n"),
    "a map in braces": (b"---\n{tags: [a], b: c}\n---\n", b"---\n{tags: [a, TAG], b: c}\n---\n"),
    "bytes that are no UTF-8": (b"---\na: b\n---\n\xff\xfe\n", b"---\na: b\ntags:\n- TAG\n---\n\xff\xfe\n"),
    "a fence in the text": (b"---\na: b\n---\n\n---\ntags:\n", b"---\na: b\ntags:\n- TAG\n---\n\n---\ntags:\n"),
}


@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_touches_the_tag_alone_and_can_be_taken_back(kind: str):
    before, after = EDITS[kind]
    after = after.replace(b"TAG", TAG)
    assert set_tag(before) == after
    assert clear_tag(after) == before


NOT_A_LIST = {
    "empty": (b"---\na: b\ntags:\n---\n", b"---\na: b\ntags:\n- TAG\n---\n", b"---\na: b\n---\n"),
    "null": (b"---\ntags: ~\n---\n", b"---\ntags: [TAG]\n---\n", b"---\ntags: []\n---\n"),
    "a text": (b"---\ntags: audio\n---\n", b"---\ntags: [audio, TAG]\n---\n", b"---\ntags: [audio]\n---\n"),
}


@pytest.mark.parametrize("kind", NOT_A_LIST)
def test_tags_that_are_no_list_become_one(kind: str):
    before, tagged, cleared = (text.replace(b"TAG", TAG) for text in NOT_A_LIST[kind])
    assert set_tag(before) == tagged
    assert clear_tag(tagged) == cleared


CLEARED = {
    "the first of a flow list": (b"---\ntags: [TAG, a]\n---\n", b"---\ntags: [a]\n---\n"),
    "a line of a flow list": (b"---\ntags: [\n  a,\n  TAG, # why\n  b\n]\n---\n", b"---\ntags: [\n  a,\n  b\n]\n---\n"),
    "the last line of a flow list": (b"---\ntags: [\n  a,\n  'TAG'\n]\n---\n", b"---\ntags: [\n  a,\n]\n---\n"),
    "every copy": (b'---\ntags:\n- TAG\n- a\n- "TAG"\n---\n', b"---\ntags:\n- a\n---\n"),
    "the only text": (b"---\ntags: TAG\n---\n", b"---\ntags: []\n---\n"),
    "a commented entry": (b"---\ntags:\n- a\n- TAG # by hand\n---\n", b"---\ntags:\n- a\n---\n"),
}


@pytest.mark.parametrize("kind", CLEARED)
def test_what_others_wrote_is_cleared_as_well(kind: str):
    before, after = (text.replace(b"TAG", TAG) for text in CLEARED[kind])
    assert clear_tag(before) == after


REFUSED = {
    "an anchor at the list": (b"---\na: b\ntags: &t\n- a\n---\n", "anchor", 3),
    "an anchor at a tag": (b"---\ntags:\n- &t a\n---\n", "anchor", 3),
    "an alias": (b"---\na: &x [b]\ntags: *x\n---\n", "alias", 3),
    "two lists": (b"---\ntags: [a]\ntags: [b]\n---\n", "duplicate_key", 3),
    "a map": (b"---\na: b\ntags: {c: d}\n---\n", "tags_not_a_list", 3),
    "a map in braces without tags": (b"---\n{a: b}\n---\n", "not_editable", None),
    "a tag below its dash": (b"---\ntags:\n-\n  a\n---\n", "not_editable", 2),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_changed_safely_is_refused_with_its_line(kind: str):
    card, code, line = REFUSED[kind]
    with pytest.raises(CardEditError) as refused:
        set_tag(card)
    assert (refused.value.code, refused.value.line) == (code, line)
    assert line is None or f"line {line}" in refused.value.message.lower()


def test_a_tag_is_a_word_of_the_hub():
    with pytest.raises(ValueError, match="small letters"):
        set_tag(b"# M", "two words\n- evil")


words = st.sampled_from(["audio", "text", "'quoted one'", '"two, words"', "NFAA", "18+", "naïve", "a:b", "日本語"])
comments = st.sampled_from(["", "", "  # why", " # [a, b]"])
keys = st.sampled_from(
    ["license: mit", "language:\n- en\n- de", "extra_gated_prompt: |\n  Be kind.\n\n  tags:\n  - no", "x: 1"]
)
other_keys = st.lists(keys, unique=True, max_size=4)


@st.composite
def tags_entries(draw: st.DrawFn) -> str:
    found = draw(st.lists(words, max_size=4))
    shape = draw(st.sampled_from(["none", "flow", "lines", "block"]))
    if shape == "none" or (shape == "block" and not found):
        return ""
    if shape == "flow":
        return f"tags: [{draw(st.sampled_from([', ', ',  ', ' , '])).join(found)}]{draw(comments)}"
    if shape == "lines":
        inner = "".join(f"  {word},{draw(comments)}\n" for word in found)
        return f"tags: [{draw(comments)}\n{inner}]"
    indent, gap = " " * draw(st.integers(0, 5)), " " * draw(st.integers(1, 3))
    rows = [f"{indent}-{gap}{word}{draw(comments)}" for word in found]
    blank = draw(st.sampled_from(["\n", "\n", "\n\n", "\n# between\n"]))
    return f"tags:{draw(comments)}\n" + blank.join(rows)


@st.composite
def cards(draw: st.DrawFn) -> bytes:
    """Cards as people write them: tags anywhere among the keys, comments and blank lines, any line ends, any text."""
    body = draw(st.sampled_from(["", "\n# Model\n", "# Model\n\n---\ntags:\n- no\n", "text without an end", "\n\n\n"]))
    if draw(st.integers(0, 9)) == 0:
        text = body
    else:
        entries = [*draw(other_keys)]
        entry = draw(tags_entries())
        if entry:
            entries.insert(draw(st.integers(0, len(entries))), entry)
        between = draw(st.sampled_from(["\n", "\n", "\n\n", "\n# note\n"]))
        block = between.join(entries)
        text = f"---\n{block}\n---\n{body}" if block else f"---\n---\n{body}"
    ends = draw(st.sampled_from(["\n", "\r\n", "mixed"]))
    if ends == "mixed":
        text = "".join(line + draw(st.sampled_from(["\n", "\r\n"])) for line in text.split("\n"))
    else:
        text = text.replace("\n", ends)
    mark = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    return mark + text.encode()


@settings(max_examples=1000)
@given(cards())
def test_setting_and_clearing_any_card_gives_its_bytes_back(card: bytes):
    before = read_card(card)
    assert not before.errors, before.errors
    tagged = set_tag(card)
    after = read_card(tagged)
    assert after.nfaa is True
    assert [tag for tag in after.tags if tag != NFAA_TAG] == list(before.tags)
    assert (after.fields, after.prompt, after.license) == (before.fields, before.prompt, before.license)
    went, came = changed_lines(card, tagged)
    assert len(went) <= 1
    assert len(came) <= (1 if before.tags else 6)
    assert set_tag(tagged) == tagged
    assert clear_tag(tagged) == card


@settings(max_examples=300)
@given(st.binary(max_size=60), st.sampled_from([b"---\ntags:", b"---\n", b"tags: [", b"\n---\n", b""]))
def test_any_bytes_are_changed_rightly_or_refused(some: bytes, start: bytes):
    card = start + some
    try:
        tagged = set_tag(card)
    except CardEditError:
        return
    assert read_card(tagged).nfaa is True


def test_lookalikes_name_what_was_meant_and_what_hints():
    tags = read_card(SAMPLES["18-nfaa-lookalikes.md"]).tags
    found = {look.text: look.meant for look in lookalikes(tags)}
    assert found.pop("nsfw") is False
    assert set(found.values()) == {True}
    assert list(found) == [
        "Not-For-All-Audiences",
        "not_for_all_audiences",
        "not for all audiences",
        "not-for-all-audience",
        "not-for-all-audiences ",
    ]
    assert {look.fix for look in lookalikes(tags)} == {NFAA_TAG}


def test_a_tagged_list_has_no_hints_left():
    assert lookalikes([NFAA_TAG, "nsfw", "audio"]) == ()
    assert [look.text for look in lookalikes([NFAA_TAG, "nfaa", "nfaa"])] == ["nfaa"]
