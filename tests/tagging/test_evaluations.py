"""Evaluations: what a file or a card says, what is refused and why, and what readers see."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from hubgate.accounts.models import User
from hubgate.audit.models import AuditEvent
from hubgate.hub.card import read_card
from repos.models import CardResults, Repository
from tagging import evaluations
from tagging.evaluations import Result, UnreadableError, read_file
from tagging.figures import figures
from tagging.models import Evaluation
from tests import factories
from tests.rest.conftest import caller

CSV = b"group,metric,value\nwomen,Toxicity,0.12\nmen,Toxicity,0.08\nall,Refusals,34\n"
CARD = """---
license: mit
model-index:
- name: Aurora
  results:
  - task: {type: text-generation, name: Text generation}
    dataset: {name: WinoBias, type: wino_bias, config: type1_pro}
    metrics:
    - {type: accuracy, value: 0.71, name: Accuracy}
    - {type: note, value: see the paper}
    - {type: gap, value: -0.12}
  - dataset: {type: bold}
    metrics: [{type: toxicity, value: .03, verified: true}]
---
# Aurora
"""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (CSV, [("women", "Toxicity", 0.12), ("men", "Toxicity", 0.08), ("all", "Refusals", 34)]),
        (b"\xef\xbb\xbfMetric;Value;Group\r\nGap; -0.5 ;a b\r\n\r\n", [("a b", "Gap", -0.5)]),
        (b"metric\tvalue\tgroup\nGap\t1e-3\t\n", [("all", "Gap", 0.001)]),
        (b'[{"metric": "Gap", "value": "2", "group": "x", "n": 9}]', [("x", "Gap", 2)]),
        (b'{"results": [{"metric": "Gap", "value": 2}]}', [("all", "Gap", 2)]),
    ],
)
def test_files_that_are_read(content: bytes, expected: list[tuple[str, str, float]]):
    assert read_file(content) == [Result(*one) for one in expected]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"group,metric\nx,y\n", "value is not there"),
        (b"group,metric,value\nx,Gap,high\n", "Line 2: its value 'high' is no number"),
        (b"group,metric,value\n\nx,,1\n", "Line 3: it names no metric"),
        (b"group,metric,value\nx,Gap,nan\n", "is no number"),
        (b"group,metric,value\nx,Gap,1\nx,Gap,2\n", "Gap for x is there twice"),
        (b"group,metric,value\n", "no result"),
        (b'group,metric,value\n"x,Gap,1\n', "no CSV"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"results": 3}', "list of objects"),
        (b"[1, true]", "Result 1: it names no metric"),
        (b'[{"metric": "x", "value": true}]', "is no number"),
        (b'[{"metric": "x", "value": 1}', "no JSON (line 1)"),
        (b"group,metric,value\n" + b"x,Gap,high\n" * 9, "And 4 more"),
        (b"group,metric,value\n" + b"".join(b"%d,Gap,1\n" % n for n in range(501)), "at most 500"),
        (b"x" * (evaluations.MOST_BYTES + 1), "larger than 200 kB"),
    ],
)
def test_files_that_are_refused_with_what_is_wrong(content: bytes, words: str):
    with pytest.raises(UnreadableError, match=words.replace("(", r"\(").replace(")", r"\)")):
        read_file(content)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_file_is_read_or_refused(content: bytes):
    with suppress(UnreadableError):
        assert figures([one.as_dict() for one in read_file(content)], key="x")


def test_the_numbers_of_a_card_are_read_and_words_are_left_out():
    found = [(one.metric, one.dataset, one.value) for one in read_card(CARD).results]
    assert found == [
        ("Accuracy", "WinoBias · type1_pro", 0.71),
        ("gap", "WinoBias · type1_pro", -0.12),
        ("toxicity", "bold", 0.03),
    ]
    assert read_card("---\nmodel-index: 3\n---\n").results == ()
    assert read_card("---\nmodel-index:\n- results: {dataset: x, metrics: [{type: y}]}\n---\n").results == ()


def test_a_plot_says_what_it_shows_also_below_zero():
    rows = [Result("women", "Gap", -0.5), Result("men", "Gap", 0.25)]
    (figure,) = figures([one.as_dict() for one in rows], key="e")
    assert figure.finding == "Gap lies between -0.5 (women) and 0.25 (men), 0.75 apart."
    assert figure.rows == [["women", "-0.5"], ["men", "0.25"]]
    assert 'x="0.0%"' in figure.svg  # women: from the left end to zero
    assert 'x="66.67%"' in figure.svg  # men: from zero on
    assert 'width="-' not in figure.svg


@pytest.mark.django_db(transaction=True)
class TestPages:
    def attach(self, client: Client, repository: Repository, **data: Any) -> Any:
        values = {"title": "Toxicity", "about": "bias", "finding": "", "link": "", **data}
        return client.post(f"/repositories/{repository.pk}/evaluations/attach/", values)

    def test_an_author_attaches_a_file_and_every_reader_sees_plot_and_numbers(
        self, as_author: Client, as_reader: Client, repository: Repository
    ):
        file = SimpleUploadedFile("bias.csv", CSV, "text/csv")
        assert self.attach(as_author, repository, file=file).status_code == 302
        text = as_reader.get(f"/repositories/{repository.pk}/evaluations/").text
        assert "Toxicity lies between 0.08 (men) and 0.12 (women), 0.04 apart." in text
        assert "<svg" in text
        assert "Attach an evaluation" not in text
        event = AuditEvent.objects.get(event="tagging.evaluation.attached")
        assert event.data["title"] == "Toxicity"
        again = self.attach(as_author, repository, file=SimpleUploadedFile("bias.csv", CSV))
        assert again.status_code == 422
        assert "attached already" in again.text

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, as_author: Client, repository: Repository):
        bad = self.attach(as_author, repository, file=SimpleUploadedFile("x.csv", b"a,b\n"), finding="We saw it.")
        assert bad.status_code == 422
        assert "has to name the columns" in bad.text
        assert "We saw it." in bad.text
        nothing = self.attach(as_author, repository)
        assert "Give a file with numbers, or a link" in nothing.text
        no_words = self.attach(as_author, repository, link="https://huggingface.co/spaces/a/b")
        assert "Say in words what was found" in no_words.text
        script = self.attach(as_author, repository, link="javascript:alert(1)", finding="x")
        assert "no web address" in script.text
        assert not Evaluation.objects.exists()

    def test_a_space_with_its_finding_and_taking_it_off(
        self, as_author: Client, as_reader: Client, repository: Repository
    ):
        link = "https://huggingface.co/spaces/aurora-lab/explorer"
        self.attach(as_author, repository, link=link, finding="Names of women are completed with care work.")
        page = f"/repositories/{repository.pk}/evaluations/"
        text = as_reader.get(page).text
        assert f'href="{link}"' in text
        assert "care work" in text
        made = Evaluation.objects.get()
        assert as_reader.post(f"/evaluations/{made.pk}/remove/").status_code == 403
        assert as_author.post(f"/evaluations/{made.pk}/remove/").status_code == 302
        assert "care work" not in as_reader.get(page).text
        assert as_author.post(f"/evaluations/{made.pk}/remove/").status_code == 404
        assert AuditEvent.objects.filter(event="tagging.evaluation.removed").count() == 1

    def test_the_card_gives_its_numbers(self, as_author: Client, author: User):
        found = factories.make_repository("aurora-lab/measured", card=CARD)
        assert CardResults.objects.get().repository_id == found.pk
        page = f"/repositories/{found.pk}/evaluations/"
        assert "holds 3 numbers" in as_author.get(page).text
        address = f"{page}card/"
        assert as_author.post(address, {"about": "safety"}).status_code == 302
        made = Evaluation.objects.get()
        assert (made.source, made.about, len(made.results)) == ("card", "safety", 3)
        twice = as_author.post(address, {"about": "safety"}, follow=True)
        assert "attached already" in twice.text
        factories.change_card(found, "---\nlicense: mit\n---\n")
        assert not CardResults.objects.exists()
        assert len(Evaluation.objects.get().results) == 3

    def test_over_rest(self, author: User, repository: Repository):
        script = caller(author)
        path = f"repositories/{repository.pk}/evaluations"
        body = {"about": "bias", "title": "Gap", "results": [{"group": "women", "metric": "Gap", "value": 0.1}]}
        made = script.post(path, body)
        assert made.status_code == 201
        assert script.get(path).json()["results"] == [script.get(f"evaluations/{made.json()['id']}").json()]
        assert script.post(path, body).json()["code"] == "already_attached"
        assert script.post(f"{path}/card", {"about": "bias"}).json()["code"] == "no_results"
        wrong = script.post(path, {**body, "results": [{"metric": "Gap", "value": "high"}]})
        assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["results.0.value"])
        infinite = script.post(path, json.dumps({**body, "title": "x"}).replace("0.1", "1e999").encode())
        assert infinite.status_code == 400
        assert script.call("DELETE", f"evaluations/{made.json()['id']}").status_code == 204
        assert script.get(path).json() == {"results": []}
