"""How many calls somebody may make, told in every answer as the Hub's own client reads it (draft-ietf-httpapi-ratelimit
-headers-09): `RateLimit: "api";r=12;t=55` and `RateLimit-Policy: "fixed window";"api";q=1000;w=300`."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError


@dataclass(frozen=True)
class Standing:
    """What is left of a window: `limit` calls in `window` seconds, `left` of them, `seconds` until it begins anew."""

    limit: int
    window: int
    left: int
    seconds: int
    over: bool

    @property
    def headers(self) -> dict[str, str]:
        """The two headers."""
        return {
            "RateLimit": f'"api";r={self.left};t={self.seconds}',
            "RateLimit-Policy": f'"fixed window";"api";q={self.limit};w={self.window}',
        }


def count_call(who: str, *, signed_in: bool) -> Standing | None:
    """Count one call of somebody. None where nothing can be counted because the cache is away: then nobody is kept out
    for it."""
    limit, window = settings.API_LIMIT if signed_in else settings.API_LIMIT_ANONYMOUS
    now = time.time()
    turn, seconds = int(now // window), window - int(now % window)
    key = f"api.calls.{who}.{turn}"
    try:
        cache.add(key, 0, timeout=window + 1)
        number = cache.incr(key)
    except ValueError:  # it ended between the two
        number = 1
    except (RedisError, ConnectionError):
        return None
    return Standing(limit, window, max(0, limit - number), seconds, number > limit)
