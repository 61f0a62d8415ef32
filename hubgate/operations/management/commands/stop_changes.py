"""`manage.py stop_changes`: read only, in all namespaces, as after a backup was put back."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hubgate.actors import SYSTEM
from repos import actions


class Command(BaseCommand):
    help = (
        "Stop hubgate from changing the Hub in all namespaces. After a backup was put back, so that what was decided "
        "since it was made is read first; authors allow changes again on their namespace's page."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        names = actions.stop_all_changes(actor=SYSTEM)
        if names:
            self.stdout.write(f"hubgate only reads now: {', '.join(names)}")
        else:
            self.stdout.write("hubgate was reading only already.")
