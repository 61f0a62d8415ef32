"""A tiny OpenID Connect issuer whose answers a test can spoil."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "hubgate"
SUB = "0123456789abcdef01234567"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PROFILE = {
    "name": "Mara Keller",
    "preferred_username": "mkeller",
    "email": "mara@aurora.example",
    "email_verified": True,
}


class Issuer:
    """`nonce` goes into the ID token; `claims`, `sign`, `metadata` and `userinfo` change what is sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.nonce = ""
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = sign

    def id_token(self) -> str:
        now = int(time.time())
        body = {
            "iss": self.url,
            "sub": SUB,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            **PROFILE,
        }
        return self.sign({key: value for key, value in {**body, **self.claims}.items() if value is not None})

    def answer(self, path: str) -> dict[str, Any] | None:
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        pages: dict[str, Callable[[], dict[str, Any]]] = {
            "/.well-known/openid-configuration": lambda: {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                **self.metadata,
            },
            "/jwks": lambda: {"keys": [{**jwk, "kid": "one", "use": "sig", "alg": "RS256"}]},
            "/token": lambda: {"access_token": "a", "token_type": "bearer", "id_token": self.id_token()},
            "/userinfo": lambda: {"sub": SUB, **PROFILE, **self.userinfo},
        }
        return pages[path]() if path in pages else None


def sign(body: dict[str, Any]) -> str:
    return jwt.encode(body, KEY, "RS256", headers={"kid": "one"})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """A running issuer on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found = issuer.answer(self.path)
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
