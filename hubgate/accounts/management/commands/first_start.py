"""`manage.py first_start`: the database brought up to date, and an operator who can sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hubgate.accounts import actions

OPERATOR = "operator"


class Command(BaseCommand):
    help = "Apply the migrations that are missing and make the first operator. May be run at every start."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        made = actions.ensure_operator(
            username=OPERATOR, password=settings.OPERATOR_PASSWORD if settings.DEMO else None
        )
        # The demo's password is in the keys file, and `./run` shows it at each start.
        if made is not None and not settings.DEMO:
            self.stdout.write(
                f"operator      sign in as {made[0].username} with the password {made[1]}\n"
                "              It is shown only now. Change it at /accounts/password/change/."
            )
