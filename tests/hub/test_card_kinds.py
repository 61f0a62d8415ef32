"""Many variations of each kind of card: fences, shapes of fields, scalars as typed, tags, and what is refused."""

from __future__ import annotations

import pytest

from hubgate.hub.card import Card, Field, Option, distinct_names, gate_warnings, read_card
from hubgate.hub.card.front_matter import LARGEST


def front(yaml: str) -> Card:
    return read_card(f"---\n{yaml}\n---\n# Body\n")


def codes(card: Card) -> list[str]:
    return [note.code for note in card.warnings]


def labels(card: Card) -> list[str]:
    return [field.label for field in card.fields]


def types(card: Card) -> dict[str, str]:
    return {field.label: field.type for field in card.fields}


GATE = "license: mit\nextra_gated_fields:\n  Name: text"


class TestFences:
    @pytest.mark.parametrize(
        "text",
        [
            f"---\n{GATE}\n---\n",
            f"---\n{GATE}\n---",  # no line end at the end of the file
            f"---\n\n\n{GATE}\n\n---\n\nBody",
            f"\ufeff---\n{GATE}\n---\n",
            f"\n\n---\n{GATE}\n---\n",
            f"---\r\n{GATE}\r\n---\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
            f"---\n{GATE}\n---\n".replace("\n", "\r"),
            f"---\n---\n{GATE}\n---\n",  # the Hub's pattern wants a line between the fences
            f"---\n{GATE}\n...\n---\n",
        ],
    )
    def test_the_block_is_found(self, text: str):
        card = read_card(text)
        assert labels(card) == ["Name"]
        assert card.license == "mit"
        assert card.warnings == card.errors == ()

    @pytest.mark.parametrize(
        ("text", "code", "line", "fields"),
        [
            (f"---\n{GATE}\n--- \nBody\n", "fence_trailing_space", 5, 1),
            (f"---\n{GATE}\n---\t\nBody\n", "fence_trailing_space", 5, 1),
            (f"--- \n{GATE}\n---\nBody\n", "fence_trailing_space", 1, 0),
            (f"---\t\n{GATE}\n---\n", "fence_trailing_space", 1, 0),
            (f"  ---\n{GATE}\n---\n", "fence_indented", 1, 1),
            ("    ---\n    license: mit\n    ---\n\n    # Body\n", "fence_indented", 1, 0),
            (f"---\n{GATE}\n  ---\n\n# Body\n", "fence_indented", 5, 0),
            (f"---\n{GATE}\n", "fence_not_closed", 1, 0),
            (f"---\n{GATE}\n----\n", "fence_not_closed", 1, 0),
            (f"---\n{GATE}\n...\n\nBody\n", "fence_not_closed", 1, 0),
            (f"\n\n---\n{GATE}\n", "fence_not_closed", 3, 0),
            (f"# Title\n\n---\n{GATE}\n---\n", "fence_not_first", 3, 0),
            (f"<!-- c -->\n---\n{GATE}\n---\n", "fence_not_first", 2, 0),
            (f"# comment\n---\n{GATE}\n---\n", "fence_not_first", 2, 0),
            (f"----\n{GATE}\n----\n", "fence_not_first", 1, 0),
            (f"```yaml\n---\n{GATE}\n---\n```\n", "fence_not_first", 2, 0),
            (f"{GATE}\n\n# Body\n", "fence_not_first", 1, 0),
            (f"--- # card\n{GATE}\n---\n", "fence_not_first", 3, 0),
            (f"---\n{GATE}\n---\n\n---\ntags:\n- a\n---\n", "metadata_after_fence", 8, 1),
            ("---\nlicense: mit\n---\nextra_gated_fields:\n  Name: text\n", "metadata_after_fence", 4, 0),
            ("---\n---\nlicense: mit\n", "metadata_after_fence", 3, 0),
        ],
    )
    def test_an_odd_fence_is_told_with_its_line(self, text: str, code: str, line: int, fields: int):
        card = read_card(text)
        assert (code, line) in [(note.code, note.line) for note in card.warnings]
        assert len(card.fields) == fields
        assert card.nfaa is False
        assert card.readable

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n",
            "# Title\n\nText.\n",
            "---\n---\n",
            "---\n\n---\n# Body\n",
            "---\n# only a comment\n---\n",
            "# Title\n\nText\n\n---\n\nMore text.\n",
            "---\nlicense: mit\n---\nAbout `tags:` and\n\n---\n\na rule.\n",
            "# Cards\n\n```yaml\n---\nlicense: mit\ntags: [a]\n---\n```\n",
            "---\nlicense: mit\n---\n```yaml\nextra_gated_fields:\n  Name: text\n```\n",
            "---\nlicense: mit\n---\n# Use\nlicense: see below\n",
        ],
    )
    def test_a_card_without_a_gate_gets_no_note(self, text: str):
        card = read_card(text)
        assert not card.fields
        assert card.warnings == card.errors == ()
        assert card.nfaa is False
        assert card.eu_disallowed is False

    def test_a_rule_in_a_long_prompt_is_no_fence(self):
        assert codes(read_card("---\nextra_gated_prompt: |\n  a\n  ---\n  b\n")) == ["fence_not_closed"]

    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_lines_are_those_of_the_file(self, ends: str):
        lines = [
            "",
            "---",
            "a: 1 \u2028 \x85 \u2029",
            "tags:",
            "- nsfw",
            "extra_gated_fields:",
            "  Name: texte",
            "---",
            "",
        ]
        card = read_card(ends.join(lines))
        assert [(note.code, note.line) for note in card.warnings] == [("nfaa_lookalike", 5), ("field_type_unknown", 7)]

    def test_bytes_that_are_not_utf8_become_replacement_characters(self):
        assert labels(read_card(b"---\nextra_gated_fields:\n  N\xe4me: text\n---\n")) == ["N\ufffdme"]


class TestFields:
    @pytest.mark.parametrize(
        ("yaml", "expected"),
        [
            ("- Name: text\n- Agree: checkbox", {"Name": "text", "Agree": "checkbox"}),
            ("- Name: text\n  Agree: checkbox", {"Name": "text", "Agree": "checkbox"}),
            ("- Name\n- Agree: checkbox", {"Name": "text", "Agree": "checkbox"}),
            ("- Name: {type: text}\n- ~\n- [a, b]\n-", {"Name": "text"}),
            ("- label: Name\n  type: checkbox\n- name: Role\n  type: text", {"Name": "checkbox", "Role": "text"}),
            ("  [{Name: text}, {Agree: checkbox}]", {"Name": "text", "Agree": "checkbox"}),
        ],
    )
    def test_a_list_is_read_in_order(self, yaml: str, expected: dict[str, str]):
        card = front("extra_gated_fields:\n" + yaml)
        assert types(card) == expected
        assert list(types(card)) == list(expected)
        assert "fields_as_list" in codes(card)

    @pytest.mark.parametrize(
        ("yaml", "expected", "code"),
        [
            ("A: text", "text", None),
            ("A: 'date_picker'", "date_picker", None),
            ("A: {type: country}", "country", None),
            ("A: {type: ip_location}", "ip_location", None),
            ("A: &a checkbox", "checkbox", None),
            ("A: CheckBox", "checkbox", "field_type_case"),
            ("A: 'checkbox '", "checkbox", "field_type_case"),
            ("A: {type: Date_Picker}", "date_picker", "field_type_case"),
            ("A: textarea", "text", "field_type_unknown"),
            ("A: date-picker", "text", "field_type_unknown"),
            ("A: 3", "text", "field_type_unknown"),
            ("A: true", "text", "field_type_unknown"),
            ("A: [text]", "text", "field_type_unknown"),
            ("A: {type: [text]}", "text", "field_type_unknown"),
            ("A: {type: {type: text}}", "text", "field_type_unknown"),
            ("A:", "text", "field_without_type"),
            ("A: ~", "text", "field_without_type"),
            ("A: ''", "text", "field_without_type"),
            ("A: {}", "text", "field_without_type"),
            ("A: {options: [a, b]}", "text", "field_without_type"),
            ("A: {type: text, required: false}", "text", "field_key_ignored"),
            ("A: {type: text, options: [a]}", "text", "field_key_ignored"),
            ("A: select", "select", "select_without_options"),
            ("A: {type: select}", "select", "select_without_options"),
            ("A: {type: select, options: ~}", "select", "select_without_options"),
            ("A: {type: select, options: yes}", "select", "select_without_options"),
            ("A: {type: select, options: {a: b}}", "select", "select_without_options"),
            ("A: {type: select, options: [~, [a]]}", "select", "option_incomplete"),
        ],
    )
    def test_an_odd_type_keeps_its_field(self, yaml: str, expected: str, code: str | None):
        card = front(f"extra_gated_fields:\n  {yaml}")
        assert types(card) == {"A": expected}
        assert code in codes(card) if code else not card.warnings
        assert card.readable

    def test_one_message_names_every_bad_field(self):
        card = front("extra_gated_fields:\n  Why: textarea\n  E-mail: email\n  Start: date")
        [note] = card.warnings
        assert all(part in note.message for part in ("Why", "E-mail", "Start", "did you mean date_picker?", "line 3"))

    @pytest.mark.parametrize(
        ("option", "expected"),
        [
            ("Yes", Option("Yes", "Yes")),
            ("null", Option("null", "null")),
            ("'1.10'", Option("1.10", "1.10")),
            ("2024-05-01", Option("2024-05-01", "2024-05-01")),
            ("0x1F", Option("0x1F", "0x1F")),
            ("12:30:45", Option("12:30:45", "12:30:45")),
            ("{label: A, value: b}", Option("A", "b")),
            ("{label: A, value: 007}", Option("A", "007")),
            ("{value: b}", Option("b", "b")),
            ("{label: A, value: ~}", Option("A", "A")),
            ("{label: A, value: ''}", Option("A", "")),
            ("{label: A, value: b, default: true}", Option("A", "b")),
        ],
    )
    def test_options_are_as_typed(self, option: str, expected: Option):
        card = front(f"extra_gated_fields:\n  S:\n    type: select\n    options:\n    - {option}\n    - Z")
        assert card.fields == (Field("S", "select", (expected, Option("Z", "Z"))),)

    @pytest.mark.parametrize("option", ["", "[a]", "Other: please specify", "{text: A}", "{label: [a]}"])
    def test_an_option_that_is_none_is_left_out_and_told(self, option: str):
        card = front(f"extra_gated_fields:\n  S:\n    type: select\n    options:\n    - {option}\n    - Z")
        assert card.fields[0].options == (Option("Z", "Z"),)
        assert [(note.code, note.line) for note in card.warnings] == [("option_incomplete", 6)]

    @pytest.mark.parametrize(
        ("key", "label"),
        [
            ("Yes", "Yes"),
            ("~", "~"),
            ("1.10", "1.10"),
            ("2024-05-01", "2024-05-01"),
            ('"a\\tb \\u00e9 \\ud83d\\ude00"', "a\tb é 😀"),
            ("'it''s'", "it's"),
            ("a#b", "a#b"),
            ("https://x.example/a:b", "https://x.example/a:b"),
            ("? two\n    lines\n  ", "two lines"),
            ("? |\n    two\n    lines\n  ", "two\nlines\n"),
            ("? >-\n    two\n    lines\n  ", "two lines"),
            ("a\u2028b\x85c\ufeffd", "a\u2028b\x85c\ufeffd"),
            ("'a\u2029 b'", "a\u2029 b"),
            ("[a, b]", "a,b"),
            ("{{ name }}", "{{name}}"),
            ("x" * 1030, "x" * 1030),
            ("'" + "it''s " * 300 + "'", "it's " * 300),
            ('"' + "\\u00e9 " * 300 + '"', "é " * 300),
            ("? " + "y" * 3000 + "\n  ", "y" * 3000),
            ('""', ""),
        ],
    )
    def test_labels_are_as_typed(self, key: str, label: str):
        card = front(f"extra_gated_fields:\n  First: text\n  {key}: checkbox")
        assert card.errors == ()
        assert labels(card) == ["First", label]
        assert card.fields[1].type == "checkbox"

    def test_long_labels_leave_long_texts_alone(self):
        prompt = "x" * 1100 + ": y"
        card = front(f"extra_gated_prompt: |\n  {prompt}\n\t\nextra_gated_fields:\n  {'z' * 1100}: text\n  B: text")
        assert card.prompt == prompt + "\n"
        assert labels(card) == ["z" * 1100, "B"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Zürich", "Zu\u0308rich"),
            ("Name", "name"),
            ("Ｎａｍｅ", "Name"),
            ("First name", "First  name"),
            ("Name", "Na\u200bme"),
            ("a\u00a0b", "a b"),
            ("Straße", "strasse"),
        ],
    )
    def test_labels_that_look_the_same_stay_and_are_told(self, one: str, other: str):
        card = front(f'extra_gated_fields:\n  "{one}": text\n  "{other}": text')
        assert labels(card) == [one, other]
        assert codes(card) == ["label_lookalike"]
        assert len(set(distinct_names(card.fields))) == 2

    def test_the_same_label_twice_in_a_list(self):
        assert codes(front("extra_gated_fields:\n- A: text\n- A: checkbox")) == ["fields_as_list", "label_lookalike"]

    @pytest.mark.parametrize("value", ["", "~", "null", "''", '"  "', "[]", "{}"])
    @pytest.mark.parametrize("key", ["fields", "prompt", "heading", "eu_disallowed"])
    def test_empty_gate_keys_count_as_absent(self, key: str, value: str):
        card = front(f"extra_gated_{key}: {value}")
        assert (card.fields, card.prompt, card.heading, card.eu_disallowed) == ((), None, None, False)
        assert codes(card) == ["gate_key_empty"]

    def test_fields_that_are_a_text(self):
        card = front("extra_gated_fields: Name")
        assert card.fields == ()
        assert codes(card) == ["fields_not_a_map"]


class TestTexts:
    @pytest.mark.parametrize(
        ("yaml", "expected"),
        [
            ("plain\n  goes on", "plain goes on"),
            ("2026", "2026"),
            ("yes", "yes"),
            ("007", "007"),
            ('"null"', "null"),
            ("|\n  a\n\n  b", "a\n\nb\n"),
            ("|-\n  a", "a"),
            (">\n  a\n  b", "a b\n"),
            ('"a\\\n  b"', "ab"),
            ("'it''s'", "it's"),
            ("a # comment", "a"),
            ('"a # b: c"', "a # b: c"),
            ('"\\0"', "\ufffd"),
        ],
    )
    def test_a_text_is_as_typed(self, yaml: str, expected: str):
        assert front(f"extra_gated_heading: {yaml}").heading == expected

    @pytest.mark.parametrize("value", ["[a]", "{a: b}", "\n- a"])
    def test_a_list_or_map_is_no_text(self, value: str):
        card = front(f"extra_gated_prompt: {value}")
        assert card.prompt is None
        assert codes(card) == ["gate_text_not_text"]

    @pytest.mark.parametrize(
        ("value", "expected", "code"),
        [("true", True, None), ("TRUE", True, None), ("false", False, None), ("yes", False, "eu_not_boolean")]
        + [("'true'", False, "eu_not_boolean"), ("1", False, "eu_not_boolean"), ("[a]", False, "eu_not_boolean")],
    )
    def test_eu_disallowed_is_a_truth_value_of_yaml_1_2(self, value: str, expected: bool, code: str | None):
        card = front(f"extra_gated_eu_disallowed: {value}")
        assert card.eu_disallowed is expected
        assert codes(card) == ([code] if code else [])

    @pytest.mark.parametrize(
        "key", ["extra_gated_promt", "extra-gated-prompt", "Extra_gated_prompt", "extra_gated_terms"]
    )
    def test_a_misspelt_gate_key_is_told(self, key: str):
        card = front(f"{key}: Please")
        assert codes(card) == ["gate_key_unknown"]
        assert card.prompt is None

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("mit", "mit"),
            ("no", "no"),
            ("[mit]", "mit"),
            ("[mit, apache-2.0]", "mit, apache-2.0"),
            ("~", None),
            ("{}", None),
        ],
    )
    def test_license(self, value: str, expected: str | None):
        assert front(f"license: {value}").license == expected


class TestTags:
    @pytest.mark.parametrize(
        ("value", "tags", "code"),
        [
            ("[a, b]", ("a", "b"), None),
            ("\n- a\n- 2026\n- yes", ("a", "2026", "yes"), None),
            ("", (), None),
            ("[]", (), None),
            ("[~, a]", ("a",), None),
            ("\n-\ta\n- \tb\n\t\n\t# c", ("a", "b"), None),
            ("a", ("a",), "tags_not_a_list"),
            ("a, b", ("a, b",), "tags_not_a_list"),
            ("{a: b}", (), "tags_not_a_list"),
            ("[[a], b]", ("b",), "tags_not_a_list"),
            ("\n- a: b\n- c", ("c",), "tags_not_a_list"),
        ],
    )
    def test_tags_are_as_typed(self, value: str, tags: tuple[str, ...], code: str | None):
        card = front(f"tags: {value}")
        assert card.tags == tags
        assert codes(card) == ([code] if code else [])

    @pytest.mark.parametrize("yaml", ["tags: [not-for-all-audiences]", "tags:\n- 'not-for-all-audiences'"])
    def test_the_tag_is_seen(self, yaml: str):
        card = front(yaml)
        assert card.nfaa is True
        assert card.warnings == ()

    @pytest.mark.parametrize(
        "tag",
        ["Not-For-All-Audiences", "not_for_all_audiences", "not for all audiences", "not-for-all-audience", "NFAA"]
        + ["not-for-all-audiences ", "notforallaudiences", "not-for-all-audiances", "not-for-al-audiences", "nsfw"]
        + [
            "not-for-all-eyes",
            "not\u2011for\u2011all\u2011audiences",
            "not–for–all–audiences",
            "ｎot-for-all-audiences",
        ],
    )
    def test_a_lookalike_is_not_the_tag_and_is_told(self, tag: str):
        card = front(f'tags: ["{tag}"]')
        assert card.nfaa is False
        assert codes(card) == ["nfaa_lookalike"]

    @pytest.mark.parametrize("yaml", ["not_for_all_audiences: true", "nsfw: true", "tag: [not-for-all-audiences]"])
    def test_a_key_is_not_the_tag(self, yaml: str):
        card = front(yaml)
        assert card.nfaa is False
        assert codes(card) == ["nfaa_lookalike"]

    @pytest.mark.parametrize("tag", ["audio", "for-all-audiences-of-one", "not-for-commercial-use", "text-generation"])
    def test_other_tags_are_no_lookalikes(self, tag: str):
        assert front(f"tags: [{tag}]").warnings == ()

    def test_nsfw_beside_the_tag_needs_no_hint(self):
        assert front("tags: [nsfw, not-for-all-audiences]").warnings == ()


class TestErrors:
    @pytest.mark.parametrize(
        ("yaml", "code", "line", "said"),
        [
            ("a: 1\n\tb: 2", "yaml_syntax", 3, "starts with a tab"),
            ("a: 1\n: b", "yaml_syntax", 3, "no key"),
            ("a:\n  b:\n  \tc: d", "yaml_syntax", 4, "tab"),
            ("a: b: c", "yaml_syntax", 2, "quotes"),
            ("a: 'b", "yaml_syntax", 2, "never closed"),
            ("x: 1\na: [b, c\nd: e", "yaml_syntax", 3, "closed"),
            ("a: @b", "yaml_syntax", 2, "@"),
            ("a: **bold**", "yaml_syntax", 2, "quotes"),
            ('a: "\\q"', "yaml_syntax", 2, "backslash"),
            ("a: 1\nno colon here\nb: 2", "yaml_syntax", 3, "key: value"),
            ("a:\n  b: 1\n c: 2", "yaml_syntax", 4, "indent"),
            ("a: \x07", "yaml_syntax", 2, "U+0007"),
            ("a: 1\nb: \x00", "yaml_syntax", 3, "U+0000"),
            ("a: \ud800", "yaml_syntax", 2, "U+D800"),
            ("just text", "yaml_syntax", 2, "not a map"),
            ("- a\n- b", "yaml_syntax", 2, "a list"),
            ("a: 1\n--- # next\nb: 2", "yaml_syntax", 3, "second"),
            ("a: 1\n...\nb: 2", "yaml_syntax", 4, "another"),
            ("a: {" + "x" * 2000 + ": y}", "yaml_syntax", 2, ""),
            ("a: 1\nb: 2\na: 3", "duplicate_key", 4, "line 2"),
            ("extra_gated_fields:\n  A: text\n  'A': text", "duplicate_key", 4, "“A”"),
            ("extra_gated_fields:\n  A:\n    type: text\n    type: text", "duplicate_key", 5, "“type”"),
            ("a: {type: select, options: [{label: a, label: b}]}", "duplicate_key", 2, "“label”"),
            ("x: {1: a, 0x1: b}", "duplicate_key", 2, ""),
            ("x: {true: a, 'true': b}", "duplicate_key", 2, ""),
            ("x: {~: a, null: b}", "duplicate_key", 2, ""),
            ("model-index:\n- a: 1\n  a: 2", "duplicate_key", 4, ""),
            ("a: &x 1\nb: *x", "alias", 3, "*x"),
            ("b: *missing", "alias", 2, "*missing"),
            ("a: &x {b: 1}\nc:\n  <<: *x", "alias", 4, ""),
            ("c:\n  <<: {a: b}", "alias", 3, "<<"),
            ("a: !!str 1", "yaml_tag", 2, "!"),
            ("a: !mine 1", "yaml_tag", 2, "!mine"),
            ("a: !!python/object:os.system []", "yaml_tag", 2, "!"),
            ("tags: !!set {a, b}", "yaml_tag", 2, "!"),
            ("a: " + "[" * 101 + "]" * 101, "too_deep", 2, ""),
            ("[" * 60_000, "too_deep", 2, ""),
            ("- " * 60_000, "too_deep", 2, ""),
            ("\n".join(" " * depth + "a:" for depth in range(150)), "too_deep", 102, ""),
            ("a: " + "x" * LARGEST, "too_large", 2, "1 MB"),
            ("a: " + "é" * (LARGEST // 2), "too_large", 2, "1 MB"),
            ("a: [" + "1," * 400_000 + "]", "too_large", 2, "200,000"),
        ],
    )
    def test_a_block_that_cannot_be_used(self, yaml: str, code: str, line: int, said: str):
        card = front(yaml)
        assert not card.readable
        assert [(error.code, error.line) for error in card.errors[:1]] == [(code, line)]
        assert said in card.errors[0].message
        assert (card.fields, card.prompt, card.nfaa, card.eu_disallowed, card.tags) == ((), None, None, None, ())

    def test_one_error_for_each_duplicate_key(self):
        card = front("a: 1\nb: 1\na: 2\na: 3\nb: 2")
        assert [(error.code, error.line) for error in card.errors] == [("duplicate_key", 4), ("duplicate_key", 6)]

    def test_an_alias_bomb_is_refused_unexpanded(self):
        bomb = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
        assert {error.code for error in front(bomb).errors} == {"alias"}

    def test_the_indented_fence_behind_an_error_is_named(self):
        card = read_card("---\nlicense: mit\n ---\n\nBody: with a colon: twice\n\n---\n")
        assert not card.readable
        assert [(note.code, note.line) for note in card.warnings] == [("fence_indented", 3)]

    @pytest.mark.parametrize("yaml", ["a: " + "[" * 99 + "]" * 99, "a: " + "x" * (LARGEST - 3), "a: &x b", "'<<': b"])
    def test_just_within_the_limits(self, yaml: str):
        assert front(yaml).errors == ()


class TestGate:
    @pytest.mark.parametrize(
        ("yaml", "gated", "expected"),
        [
            ("gated: auto", False, ["gate_not_set"]),
            ("gated: true", False, ["gate_not_set"]),
            ("gated: false", False, []),
            ("gated:", False, []),
            ("extra_gated_prompt: Please", False, ["gate_not_set"]),
            ("extra_gated_fields:\n  A: text", False, ["gate_not_set"]),
            ("extra_gated_fields:", False, []),
            ("license: mit", False, []),
            ("extra_gated_eu_disallowed: true", False, ["eu_block_not_set"]),
            ("gated: auto", "manual", []),
            ("gated: auto", "members", []),
            ("gated: auto", None, []),
        ],
    )
    def test_a_card_that_asks_for_a_gate_that_is_off(self, yaml: str, gated: str | bool | None, expected: list[str]):
        assert [note.code for note in gate_warnings(front(yaml), gated)] == expected


class TestDigest:
    def test_only_what_a_requester_sees_makes_another_form(self):
        form = front(f"{GATE}\nextra_gated_prompt: Hello").form_digest()
        assert front(f"tags: [a]\nextra_gated_prompt: 'Hello'\n{GATE}").form_digest() == form
        for other in (
            GATE,
            f"{GATE}\n  B: text\nextra_gated_prompt: Hello",
            f"{GATE}\nextra_gated_prompt: hello",
            f"{GATE}\n  B: text",
        ):
            assert front(other).form_digest() != form
