"""`manage.py doctor`: what is wrong with this set-up, and what to do."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hubgate.operations import doctor

_MARKS = {doctor.OK: "ok     ", doctor.WARNING: "WARNING", doctor.ERROR: "ERROR  "}


class Command(BaseCommand):
    help = "Say what is wrong with this set-up and what to do. Exit status: 0 well, 1 with warnings, 2 with errors."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object instead of lines.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = doctor.examine()
        status = doctor.status_of(findings)
        if options["json"]:
            self.stdout.write(json.dumps({"status": status, "findings": [asdict(one) for one in findings]}, indent=2))
        else:
            for one in findings:
                self.stdout.write(f"{_MARKS[one.level]} {one.check:<10} {one.found}")
                if one.do:
                    self.stdout.write(f"{'':19}-> {one.do}")
        sys.exit(status)
