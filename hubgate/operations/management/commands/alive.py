"""`manage.py alive web|worker|beat`: whether a process of this kind on this machine lives, for health checks."""

from __future__ import annotations

import socket
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error
from django.utils import timezone

from hubgate.operations import queries
from hubgate.operations.models import Heartbeat


class Command(BaseCommand):
    help = "Exit with 0 where a process of this kind on this machine said within half a minute that it lives, else 1."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[Heartbeat.Kind.WEB, Heartbeat.Kind.WORKER, Heartbeat.Kind.BEAT])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            alive = queries.is_host_alive(options["kind"], socket.gethostname()[:80], timezone.now())
        except Error:
            self.stderr.write("The database is away.")
            sys.exit(1)
        self.stdout.write("alive" if alive else "silent")
        sys.exit(0 if alive else 1)
