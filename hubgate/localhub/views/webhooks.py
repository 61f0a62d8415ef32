"""A person's webhooks over HTTP (HC §6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from hubgate.localhub import answers, callers, messages, webhooks
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Account, Token, Webhook
from hubgate.localhub.validation import MISSING, Issues

WATCHED = ("bucket", "dataset", "kernel", "model", "org", "space", "user")
DOMAINS = ("repo", "discussion")
MOST_WATCHED = 100


def _owner(request: HttpRequest, *, writes: bool) -> Account:
    """The caller, whose token must allow it: fine-grained ones by `user.webhooks.read` or `.write` (HC §7)."""
    caller = callers.bearer(request)
    person, token = callers.known(caller), caller.token
    if token is None or token.role == Token.Role.WRITE:
        return person
    if token.role == Token.Role.READ:
        allowed = not writes
    else:
        wanted = {"user.webhooks.write"} if writes else {"user.webhooks.read", "user.webhooks.write"}
        allowed = bool(wanted & set(token.global_permissions))
    if not allowed:
        raise messages.read_only()
    return person


def _found(person: Account, hub_id: str) -> Webhook:
    found = Webhook.objects.filter(person=person, hub_id=hub_id).first()
    if found is None:
        raise Refusal(404, "Webhook not found")
    return found


def _shown(hook: Webhook) -> dict[str, Any]:
    out = {"id": hook.hub_id, "watched": hook.watched, "url": hook.url, "domains": hook.domains}
    return {**out, "secret": hook.secret or None, "disabled": hook.disabled}


def _address(value: object) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def checked(body: object, *, fresh: bool) -> dict[str, Any]:
    """What a body sets: `watched`, `url`, `domains`, `secret`; 400 for what a webhook cannot have. An empty `watched`
    of a change leaves it as it is, as the client sends it whenever it is not told otherwise."""
    if not isinstance(body, dict):
        raise Refusal(400, "✖ Invalid input: expected object")
    if body.get("job") or body.get("jobSourceId"):
        raise Refusal(400, "✖ Webhooks that start jobs are not served here: give a url")
    issues, out = Issues(), {}
    if fresh or "url" in body:
        out["url"] = body.get("url")
        if not _address(out["url"]):
            issues.add("Invalid url", "url")
    watched = body.get("watched", [])
    fits = isinstance(watched, list) and len(watched) <= MOST_WATCHED
    if not fits or not all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in watched):
        issues.add("Invalid input: expected an array of {type, name}", "watched")
    elif watched or fresh:
        for number, item in enumerate(watched):
            issues.option(item.get("type", MISSING), WATCHED, f"watched[{number}].type")
        out["watched"] = [{"type": item.get("type"), "name": item["name"]} for item in watched]
    if fresh or "domains" in body:
        out["domains"] = body.get("domains", list(DOMAINS))
        if not isinstance(out["domains"], list) or not set(map(str, out["domains"])) <= set(DOMAINS):
            issues.add('Invalid option: expected one of "repo"|"discussion"', "domains")
    if "secret" in body:
        out["secret"] = body["secret"] or ""
        if not isinstance(out["secret"], str) or not out["secret"].isascii() or not out["secret"].isprintable():
            issues.add("Invalid string: secret must be printable ASCII", "secret")
        issues.text(out["secret"], "secret", 200)
    issues.raise_any()
    return out


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The caller's webhooks as an array, or a new one as `{webhook}`."""
    person = _owner(request, writes=request.method == "POST")
    if request.method == "POST":
        made = Webhook.objects.create(person=person, **checked(answers.body_json(request), fresh=True))
        return answers.json(request, {"webhook": _shown(made)})
    return answers.json(request, [_shown(hook) for hook in person.webhooks.order_by("id")])


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
def one(request: HttpRequest, hub_id: str) -> HttpResponse:
    hook = _found(_owner(request, writes=request.method in ("POST", "DELETE")), hub_id)
    if request.method == "DELETE":
        hook.delete()
        return answers.json(request, {})
    if request.method == "POST":
        values = checked(answers.body_json(request), fresh=False)
        for key, value in values.items():
            setattr(hook, key, value)
        hook.save(update_fields=values.keys())
    return answers.json(request, {"webhook": _shown(hook)})


@csrf_exempt
@require_POST
def switch(request: HttpRequest, hub_id: str, verb: str) -> HttpResponse:
    """`enable` or `disable`."""
    hook = _found(_owner(request, writes=True), hub_id)
    hook.disabled = verb == "disable"
    hook.save(update_fields=["disabled"])
    return answers.json(request, {"webhook": _shown(hook)})


@csrf_exempt
@require_POST
def replay(request: HttpRequest, hub_id: str, log_id: str) -> HttpResponse:
    """Sends again what was sent before."""
    hook = _found(_owner(request, writes=True), hub_id)
    row = hook.deliveries.filter(hub_id=log_id).first()
    if row is None:
        raise Refusal(404, "Log not found")
    with transaction.atomic():
        webhooks.queue(hook, row.payload)
    return answers.json(request, {})
