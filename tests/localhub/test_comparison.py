"""The conformance comparison finds what is wrong: one wrong answer per rule of the format."""

import json
import time

import pytest

from hubgate.localhub.comparison import Answer, Context, differences

CONTEXT = Context(
    origin="http://here",
    files={"README.md": b"card"},
    before={"kim": {"timestamp": "2026-01-01T00:00:00.000Z"}},
    last_step=time.time(),
)


def answer(status=200, body=b"", **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def row(**values):
    return {"$shape": "array", "items": [values]}


GOOD = [
    ({"status": 200, "json": {"a": 1}}, answer(body={"a": 1})),
    ({"status": 200, "text": "at https://huggingface.co/x"}, answer(body=b"at http://here/x")),
    ({"status": 200, "text": {"file": "README.md"}}, answer(body=b"card")),
    ({"status": 200, "text": {"prefix": "ca"}}, answer(body=b"card")),
    ({"status": 200, "text": {"regex": "^c"}}, answer(body=b"card")),
    ({"status": 200, "headers": {"content-type": "a/b", "x": None}}, answer(content_type="a/b; charset=utf-8")),
    ({"status": 200, "json": row(keys=["a", "b"])}, answer(body=[{"requestId": "1", "a": 1, "b": 2}])),
    ({"status": 200, "json": row(relations={"timestamp": "same"})},
     answer(body=[{"user": {"user": "kim"}, "timestamp": "2026-01-01T00:00:00.000Z"}])),
    ({"status": 200, "json": row(relations={"timestamp": "new"})},
     answer(body=[{"user": {"user": "kim"}, "timestamp": "2027-01-01T00:00:00.000Z"}])),
    ({"status": 200, "json": row(relations={"b": "eq:a"})}, answer(body=[{"a": 1, "b": 1}])),
]  # fmt: skip
BAD = [
    ({"status": 200}, answer(404)),
    ({"status": 200, "headers": {"x": None}}, answer(x="1")),
    ({"status": 200, "headers": {"x": "1"}}, answer()),
    ({"status": 200, "headers": {"x": "1"}}, answer(x="2")),
    ({"status": 200, "headers": {"x": {"present": True}}}, answer()),
    ({"status": 200, "headers": {"x": {"regex": "^a$"}}}, answer(x="b")),
    ({"status": 200, "text": "a"}, answer(body=b"b")),
    ({"status": 200, "text": {"file": "README.md"}}, answer(body=b"other")),
    ({"status": 200, "text": {"prefix": "x"}}, answer(body=b"card")),
    ({"status": 200, "text": {"regex": "^x"}}, answer(body=b"card")),
    ({"status": 200, "json": {}}, answer(body=b"<html>")),
    ({"status": 200, "json": {"gated": False}}, answer(body={"gated": 0})),
    ({"status": 200, "json": {"$shape": "object"}}, answer(body=[])),
    ({"status": 200, "json": {"$shape": "array"}}, answer(body={})),
    ({"status": 200, "json": {"$shape": "array", "length": 1}}, answer(body=[])),
    ({"status": 200, "json": {"$shape": "array", "length_min": 1}}, answer(body=[])),
    ({"status": 200, "json": row()}, answer(body=[])),
    ({"status": 200, "json": row(keys=["a", "b"])}, answer(body=[{"b": 1, "a": 2}])),
    ({"status": 200, "json": row(keys=["a", "b"], keys_mode="subset")}, answer(body=[{"a": 2}])),
    ({"status": 200, "json": row(values={"a.b": 1})}, answer(body=[{"a": {"b": 2}}])),
    ({"status": 200, "json": row(match={"a": "^x"})}, answer(body=[{"a": "y"}])),
    ({"status": 200, "json": row(sub={"a": {"absent": ["email"]}})}, answer(body=[{"a": {"email": "x"}}])),
    ({"status": 200, "json": row(sub={"a": {"keys": ["x"]}})}, answer(body=[{}])),
    ({"status": 200, "json": row(relations={"t": "now"})}, answer(body=[{"t": "2020-01-01T00:00:00Z"}])),
    ({"status": 200, "json": row(relations={"timestamp": "same"})},
     answer(body=[{"user": {"user": "kim"}, "timestamp": "2027-01-01T00:00:00.000Z"}])),
    ({"status": 200, "json": row(relations={"timestamp": "new"})},
     answer(body=[{"user": {"user": "kim"}, "timestamp": "2026-01-01T00:00:00.000Z"}])),
    ({"status": 200, "json": row(relations={"timestamp": "same"})}, answer(body=[{"timestamp": "x"}])),
    ({"status": 200, "json": row(relations={"b": "eq:a"})}, answer(body=[{"a": 1, "b": 2}])),
    ({"status": 200, "json": row(relations={"b": "older"})}, answer(body=[{"user": {"user": "kim"}, "b": 2}])),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "given"), GOOD)
def test_what_was_expected_passes(expect, given):
    assert differences(expect, given, CONTEXT) == []


@pytest.mark.parametrize(("expect", "given"), BAD)
def test_anything_else_is_told(expect, given):
    assert differences(expect, given, CONTEXT) != []
