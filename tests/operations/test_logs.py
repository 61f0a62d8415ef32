"""Log lines: what is cut out of them, and how they look."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator

import pytest

from hubgate import logs


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[logging.Logger, io.StringIO, str]]:
    """A logger, where its lines go, and their form."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.formatter(request.param))
    logger = logging.getLogger(f"tests.{request.param}")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger, out, request.param
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail to mara.k+x@sub.north-lake.edu now", "mail to [hidden] now"),
        ("<ömer@münchen.example>", "<[hidden]>"),
        ("GET /inbox/?q=canary&x=1 took", "GET /inbox/ took"),
        ("see https://hub.example/a/b?token=canary.", "see https://hub.example/a/b"),
        ("the token hf_Canary123 and hgt_abc_canary", "the token hf_[hidden] and hgt_[hidden]"),
        ("Authorization: Bearer canarycanary", "Authorization: [hidden]"),
        ("{'Cookie': 'hubgate_session=canary; a=b'}", "{'Cookie': [hidden]"),
        ("bearer canary-canary", "bearer [hidden]"),
        ("postgres://hubgate:canary@db:5432/x", "postgres://[hidden]@db:5432/x"),
        ("id eyJhbGciOi.eyJzdWIi.c2ln", "id [hidden]"),
        ("/accounts/password/reset/key/1a-canary/", "/accounts/password/reset/key/[hidden]/"),
        ("/hub/webhook/canarykey/", "/hub/webhook/[hidden]/"),
        ("Is it done? Yes. worker1@machine answers", "Is it done? Yes. worker1@machine answers"),
        ("/repositories/named/aurora-lab/tiny-gated/", "/repositories/named/aurora-lab/tiny-gated/"),
    ],
)
def test_what_may_not_be_read_is_cut_out(text: str, left: str):
    assert logs.scrub(text) == left


@pytest.mark.parametrize("worst", ["a", "/", "?", "a://", "a@a.", "eyJ.-", "cookie", "bearer ", "hf_", "/?", "a+", "@"])
def test_cutting_takes_no_time_whatever_stands_there(worst: str):
    text = worst * (30_000 // len(worst))
    began = time.perf_counter()
    logs.scrub(text)
    assert time.perf_counter() - began < 0.25  # 50 ms on an idle machine


def test_a_line_has_what_its_request_is_about(log):
    logger, out, form = log
    logs.bind(request_id="request-1")
    logger.warning("took %s", "long", extra={"facts": {"status": 200, "path": "/inbox/?q=canary"}})
    logs.unbind("request_id")
    line = out.getvalue()
    assert line.count("\n") == 1
    if form == "json":
        told = json.loads(line)
        assert told.pop("time").endswith("Z")
        assert told == {
            "level": "warning",
            "logger": "tests.json",
            "message": "took long",
            "request_id": "request-1",
            "status": 200,
            "path": "/inbox/",
        }
        assert list(json.loads(line))[:4] == ["time", "level", "logger", "message"]
    else:
        assert "WARNING tests.text took long request_id=request-1 path=/inbox/ status=200" in line


def test_the_text_of_an_exception_stays_out_but_its_kind_and_place_are_there(log):
    logger, out, _ = log
    try:
        try:
            raise ValueError("canary answer")
        except ValueError as error:
            raise KeyError("canary label") from error
    except KeyError as error:
        logger.exception("it failed: %s", error)
        logger.error("it failed: %r", error, exc_info=True)
    text = out.getvalue()
    assert "canary" not in text
    assert text.count("after ValueError") == 2
    assert "it failed: KeyError" in text
    assert "test_logs.py" in text


def test_the_text_of_an_outage_is_kept(log):
    logger, out, _ = log
    try:
        raise ConnectionRefusedError("port 5432 refused")
    except ConnectionRefusedError:
        logger.exception("away")
    assert "ConnectionRefusedError: port 5432 refused" in out.getvalue()


def test_what_celery_hands_on_as_text_stays_out(log):
    logger, out, _ = log
    context = {"name": "t", "id": "1", "exc": "ValueError('canary')", "traceback": "canary", "args": "canary"}
    logger.error("Task %(name)s[%(id)s] raised: %(exc)s\n%(traceback)s", context)
    assert "canary" not in out.getvalue()
    assert "Task t[1] raised: [hidden]" in out.getvalue()
