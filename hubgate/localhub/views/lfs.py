"""Git LFS by the basic transfer: ask where to, put the content there, confirm it (HC §3)."""

from __future__ import annotations

import re
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hubgate.localhub import answers, blobs, callers, reads, rights
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Repo
from hubgate.localhub.views.access import page_url

SHA256 = re.compile(r"[0-9a-f]{64}")
MEDIA = "application/vnd.git-lfs+json"
MAX_OBJECTS = 100
MAX_SIZE = 50 * 10**9
SALT = "localhub.lfs"
VALID_SECONDS = 6 * 3600


def _uploader(request: HttpRequest, kind: str, full_name: str) -> Repo:
    """The repository, for whoever may commit to it or propose to."""
    caller = callers.bearer(request)
    repo = reads.repo(kind, full_name, caller)
    if not rights.may_write(caller, repo):
        rights.require_proposer(caller, repo, page_url(request, repo))
    return repo


def _body(request: HttpRequest) -> dict[str, Any]:
    body = answers.body_json(request)
    if not isinstance(body, dict):
        raise Refusal(400, "✖ Invalid input: expected object")
    return body


def _object(given: object) -> tuple[str, int]:
    oid, size = (given.get("oid"), given.get("size")) if isinstance(given, dict) else (None, None)
    if not isinstance(oid, str) or not SHA256.fullmatch(oid):
        raise Refusal(422, "✖ Invalid string: oid must be 64 hex digits")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= MAX_SIZE:
        raise Refusal(422, f"✖ Invalid input: size must be a number of bytes up to {MAX_SIZE}")
    return oid, size


def _is_there(oid: str, size: int) -> bool:
    path = blobs.path_of(oid)
    return path.exists() and path.stat().st_size == size


@csrf_exempt
@require_POST
def batch(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """Where each object is to be put; nothing for one that is there already. Uploads only."""
    repo = _uploader(request, kind, full_name)
    body = _body(request)
    if body.get("operation") != "upload" or body.get("hash_algo", "sha256") != "sha256":
        raise Refusal(422, "Only uploads of sha256 objects are served here; downloads go by /resolve/")
    if "basic" not in (body.get("transfers") or ["basic"]):
        raise Refusal(422, "Only the basic transfer is served here")
    objects = body.get("objects")
    if not isinstance(objects, list) or not 1 <= len(objects) <= MAX_OBJECTS:
        raise Refusal(422, f"✖ Invalid input: expected 1 to {MAX_OBJECTS} objects")
    origin = answers.origin(request)
    out = []
    for oid, size in map(_object, objects):
        entry: dict[str, Any] = {"oid": oid, "size": size, "authenticated": True}
        if not _is_there(oid, size):
            ticket = signing.dumps([oid, size], salt=SALT)
            verify = f"{page_url(request, repo)}.git/info/lfs/objects/verify"
            entry["actions"] = {
                "upload": {"href": f"{origin}/lfs-objects/{ticket}", "header": {}},
                "verify": {"href": verify, "header": {}},
            }
        out.append(entry)
    response = answers.json(request, {"transfer": "basic", "objects": out})
    response["Content-Type"] = MEDIA
    return response


@csrf_exempt
@require_http_methods(["PUT"])
def put(request: HttpRequest, ticket: str) -> HttpResponse:
    """The content itself, under an address that is its own right for a few hours."""
    try:
        oid, size = signing.loads(ticket, salt=SALT, max_age=VALID_SECONDS)
    except signing.BadSignature:
        raise Refusal(403, "This upload address is not valid any more") from None
    # Straight from the server: Django's own reader holds bodies in memory and does not know chunked ones.
    if not blobs.keep_stream(request.META["wsgi.input"], oid, size):
        raise Refusal(400, "The content is not the one that was announced: its size or its sha256 differs")
    return answers.text("")


@csrf_exempt
@require_POST
def verify(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """Whether an object has arrived: 200, or 404."""
    _uploader(request, kind, full_name)
    if not _is_there(*_object(_body(request))):
        raise Refusal(404, "Object not found")
    return answers.json(request, {})
