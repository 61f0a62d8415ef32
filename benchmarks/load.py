"""A load of page views: so many at a time, for so long, each on a connection of its own."""

from __future__ import annotations

import asyncio
import time


def requests_per_second(port: int, path: str, *, cookies: str = "", at_once: int = 16, seconds: float = 3.0) -> float:
    """How many answers with status 200 come per second after a second to warm up. RuntimeError for another status."""
    return asyncio.run(_measure(port, path, cookies, at_once, seconds))


async def _measure(port: int, path: str, cookies: str, at_once: int, seconds: float) -> float:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
    begin = time.perf_counter() + min(1.0, seconds / 3)
    end = begin + seconds
    counts = await asyncio.gather(*(_one_after_another(port, head.encode(), begin, end) for _ in range(at_once)))
    return sum(counts) / seconds


async def _one_after_another(port: int, head: bytes, begin: float, end: float) -> int:
    answered = 0
    while (now := time.perf_counter()) < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        answer = await reader.read(-1)
        writer.close()
        if answer[9:12] != b"200":
            raise RuntimeError(f"The page answered {answer[:200]!r}")
        answered += now >= begin and time.perf_counter() <= end
    return answered
