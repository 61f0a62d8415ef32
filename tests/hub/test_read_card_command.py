"""`manage.py read_card`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from hubgate.hub.card import read_card

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "tests" / "data" / "cards" / "13-unicode-labels.md"


def output(*arguments: str) -> str:
    out = io.StringIO()
    call_command("read_card", *arguments, stdout=out)
    return out.getvalue()


def test_json_is_the_card_and_nothing_else():
    assert json.loads(output(str(SAMPLE), "--json")) == read_card(SAMPLE.read_bytes()).as_dict()


def test_text_for_a_person():
    text = output(str(SAMPLE))
    assert "姓名 — text" in text
    assert "Not for all audiences: yes" in text
    assert "Warning, label_lookalike: " in text


def test_standard_input_in_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "manage.py", "read_card", "-", "--json"],
        input=b"---\r\nlicense: mit\r\n---\r\n",
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    assert json.loads(done.stdout)["license"] == "mit"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"---\na: \xff\n---\n", "not UTF-8: the byte 0xff on line 2")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None, said: str):
    file = tmp_path / "README.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=said) as refused:
        output(str(file), "--json")
    assert refused.value.returncode == 1
