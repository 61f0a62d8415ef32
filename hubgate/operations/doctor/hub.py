"""The Hub: whether it answers, what time it has, what the stored tokens may do, and whether its webhooks arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2
from django.conf import settings
from django.utils import timezone

from hubgate.errors import WrongStateError
from hubgate.hub import tokens as rules
from hubgate.hub.errors import HubError, RateLimited
from hubgate.hub.transport import Timeouts, client_for, deadline
from hubgate.operations.doctor.finding import ERROR, OK, WARNING, Findings
from repos.hub import client_of
from repos.models import HubWebhook, Namespace

SKEW_WARNING_S, SKEW_ERROR_S = 30, 240
MOST_TOKENS = 20  # the Hub limits how often one may ask about tokens (HC §7)
_QUIET_DAYS = 7


def reachable() -> Findings:
    """Whether the Hub answers, and how far its clock is from ours."""
    timeouts = Timeouts(**settings.HUB_TIMEOUTS)
    url = httpx2.URL(settings.HUB_URL.rstrip("/") + "/api/models?limit=1")
    origin = f"{url.scheme}://{url.netloc.decode()}"
    began = datetime.now(UTC)
    try:
        with deadline(timeouts.total):
            answer = client_for(origin).get(url, timeout=timeouts.for_httpx())
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        yield (
            ERROR,
            f"The Hub at {settings.HUB_URL} cannot be reached ({type(error).__name__}).",
            "See that HUBGATE_HUB_URL is right and that a firewall or proxy lets hubgate out.",
        )
        return
    if answer.status_code >= 500:
        yield WARNING, f"The Hub answers {answer.status_code}.", "Wait: hubgate asks again by itself."
    else:
        yield OK, f"The Hub at {settings.HUB_URL} answers.", ""
    took = datetime.now(UTC) - began
    yield from clock(answer.headers.get("date", ""), began + took / 2)


def clock(date: str, ours: datetime) -> Findings:
    """How far the Hub's `Date` is from our clock at the same moment."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        yield WARNING, "The Hub tells no time, so our clock was not compared.", ""
        return
    # The header has whole seconds.
    skew = abs((ours - theirs.astimezone(UTC)).total_seconds())
    text = f"Our clock and the Hub's are {skew:.0f} s apart."
    do = "Let NTP set this machine's clock: sign-ins and webhooks are refused when it is minutes off."
    if skew > SKEW_ERROR_S:
        yield ERROR, text, do
    elif skew > SKEW_WARNING_S:
        yield WARNING, text, do
    else:
        yield OK, text, ""


def tokens() -> Findings:
    """What the Hub says of the token of each namespace, now."""
    found = list(Namespace.objects.exclude(token_sealed=b"").order_by("token_checked_at", "name")[:MOST_TOKENS])
    if not found:
        yield OK, "No namespace is connected yet.", ""
    for namespace in found:
        try:
            reach = rules.judge_token(client_of(namespace, lane="people").whoami(), namespace.name)
        except WrongStateError:
            continue  # the check of secrets says so
        except RateLimited:
            yield WARNING, f"{namespace.name}: not asked, the Hub's limit is reached.", "Ask again in some minutes."
        except HubError as error:
            text = rules.explain(error, rules.ErrorContext(namespace=namespace.name))
            yield ERROR, f"{namespace.name}: {text}", "Store a working token on the namespace's page."
        else:
            level = OK if reach.can_write else WARNING
            do = "" if reach.can_write else "Store a token that may write, if hubgate is to decide there."
            yield level, f"{namespace.name}: {reach.sentence}", do


def webhooks() -> Findings:
    """Whether the Hub's webhooks arrive, where addresses for them were made."""
    now, quiet = timezone.now(), 0
    for hook in HubWebhook.objects.select_related("namespace").order_by("namespace__name"):
        last = hook.heard_at or hook.made_at
        if now - last > timedelta(days=_QUIET_DAYS if hook.heard_at else 1):
            quiet += 1
            heard = f"none since {hook.heard_at:%Y-%m-%d}" if hook.heard_at else "none ever"
            yield (
                WARNING,
                f"{hook.namespace.name}: no webhook of the Hub arrived, {heard}.",
                "Compare address and secret on the Hub with the namespace's page; without, changes are seen later.",
            )
    if not quiet:
        yield OK, "Webhooks arrive, or none were asked for.", ""
