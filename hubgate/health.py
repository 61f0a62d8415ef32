"""`python -m hubgate.health URL`: exit status 0 where the address answers 200, for health checks without curl."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

TIMEOUT_S = 5


def main(url: str) -> int:
    """0 where the address answers 200 within five seconds, else 1, with what it answered."""
    if not url.startswith(("http://", "https://")):
        sys.stderr.write("Give an address such as http://127.0.0.1:8000/readyz.\n")
        return 1
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme is checked above
            return 0 if answer.status == 200 else 1
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"It answers {error.code}: {error.read(500).decode('utf-8', 'replace')}\n")
    except OSError as error:
        sys.stderr.write(f"It does not answer: {type(error).__name__}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
