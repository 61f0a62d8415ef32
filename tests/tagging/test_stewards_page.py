"""docs/stewards.md: its file of results is one that is taken, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client

from repos.models import Repository
from tagging.evaluations import read_file

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "stewards.md").read_text(encoding="utf-8")


def test_its_example_is_read():
    (example,) = re.findall(r"```csv\n(.+?)```", DOCS, flags=re.S)
    assert [one.value for one in read_file(example.encode())] == [0.12, 0.08]


def test_what_it_names_stands_on_the_pages(as_author: Client, repository: Repository):
    tag = as_author.get(f"/repositories/{repository.pk}/tag/").text
    queue = as_author.get("/tags/").text
    for word in ("Content tag", "Evaluations"):
        assert f"*{word}*" in DOCS
        assert word in tag
    for word in ("Your tagged repositories", "What you are shown"):
        assert f"*{word}*" in DOCS
        assert word in queue, word
