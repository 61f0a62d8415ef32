"""`Idempotency-Key`: a call that is sent again gets the answer of the first time, and does nothing more."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import orjson
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from hubgate.accounts import actions
from hubgate.accounts.models import KeptAnswer
from hubgate.errors import DomainError, InvalidInputError
from hubgate.http.rest import json

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_SHAPE = re.compile(r'"?([!#-\[\]-~]{1,255})"?')  # visible ASCII but " and \; in quotes or without


def carry_out(request: Request, call: Callable[[], Response], *, refused: Callable[[Exception], Response]) -> Response:
    """Carry out a call, or repeat its answer where its key was answered before. `refused` makes a response of a
    refusal, which is an answer like any other. Without a key, or for another method than POST, it is just carried
    out."""
    given = request.headers.get(HEADER)
    if request.method != "POST" or given is None or not request.user.is_authenticated:
        return call()
    match = _SHAPE.fullmatch(given)
    if match is None:
        raise InvalidInputError(
            "An Idempotency-Key has 1 to 255 visible ASCII characters; a UUID is a good one.",
            code="bad_idempotency_key",
        )
    claimed = actions.claim_answer(user_id=request.user.pk, key=match[1], digest=_digest(request))
    if claimed.status is not None:
        return _again(claimed)
    try:
        with actions.hold_answer(claimed) as held:
            try:
                response = call()
            except (DomainError, APIException) as error:
                response = refused(error)
            headers = {"Location": response["Location"]} if "Location" in response else {}
            if response.content_type:
                headers["Content-Type"] = response.content_type
            body = "" if response.data is None else json.dumps(response.data).decode()
            actions.finish_answer(held, status=response.status_code, headers=headers, body=body)
    except Exception:
        actions.drop_answer(claimed)
        raise
    return response


def _digest(request: Request) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request._request.body
    return hashlib.sha256(said).hexdigest()


def _again(kept: KeptAnswer) -> Response:
    headers = dict(kept.headers)
    content_type = headers.pop("Content-Type", None)
    data = orjson.loads(kept.body) if kept.body else None
    return Response(data, kept.status, headers={**headers, REPLAYED: "true"}, content_type=content_type)
