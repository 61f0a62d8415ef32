"""Starts the local Hub: `python -m hubgate.localhub --host 127.0.0.1 --port 8001 --data DIR [--seed demo]`."""

from __future__ import annotations

import argparse
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

# Calls that hang on purpose hold a thread each, and the control door must still be answered.
THREADS = 24


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m hubgate.localhub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address: the control door knows no password")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data", type=Path, default=Path("localhub-data"), help="folder of the store, made if missing")
    parser.add_argument(
        "--seed", choices=("demo", "conformance", "empty"), default="empty", help="what fills an empty store"
    )
    return parser.parse_args()


def prepare(data: Path, seed: str) -> None:
    """Makes the store in `data`, brings its tables up to date and fills it if nothing is in it."""
    os.environ["LOCALHUB_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "hubgate.localhub.settings"
    data.mkdir(parents=True, exist_ok=True)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0, interactive=False)

    from hubgate.localhub.models import Account
    from hubgate.localhub.views.control import seed as fill

    if not Account.objects.exists():
        fill(seed)
    connections.close_all()


def serve(host: str, port: int, seed: str) -> None:
    """Serves through gunicorn: one worker, because journal, faults and switches live in its memory.

    That worker also calls webhooks, and in the demo people go on asking for access in it.
    """
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            bind = f"{host}:{port}" if ":" not in host else f"[{host}]:{port}"
            options: dict[str, Any] = {
                "bind": bind,
                "workers": 1,
                "worker_class": "gthread",
                "threads": THREADS,
                "keepalive": 30,
                "timeout": 0,
                "graceful_timeout": 1,
                "loglevel": "warning",
                "preload_app": True,
                "control_socket_disable": True,
            }

            def start(worker: object) -> None:
                from hubgate.localhub import demo_arrivals
                from hubgate.localhub.controls import CONTROLS
                from hubgate.localhub.couriers import COURIER

                CONTROLS.origin = f"http://{bind}"
                COURIER.start()
                if seed == "demo":
                    demo_arrivals.start()

            options["post_worker_init"] = start
            for key, value in options.items():
                self.cfg.set(key, value)

        def load(self) -> Any:
            from hubgate.localhub.wsgi import application

            return application

    Server().run()


def main() -> int:
    options = arguments()
    host = "127.0.0.1" if options.host == "localhost" else options.host
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        sys.stderr.write(f"The local Hub serves this machine only: --host {options.host} is no loopback address.\n")
        return 2
    prepare(options.data.resolve(), options.seed)
    serve(host, options.port, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
