"""`manage.py first_start`: the database brought up to date, and an operator who can sign in."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hubgate.accounts import actions
from hubgate.actors import SYSTEM

OPERATOR = "operator"


class Command(BaseCommand):
    help = "Apply the migrations that are missing and make the first operator. May be run at every start."
    requires_system_checks = ["__all__"]
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        password = settings.OPERATOR_PASSWORD if settings.DEMO else secrets.token_urlsafe(12)
        created = actions.create_first_operator(actor=SYSTEM, username=OPERATOR, password=password)
        if settings.DEMO:
            self.stdout.write(f"operator      sign in as {OPERATOR} with the password {password}")
        elif created is not None:
            self.stdout.write(
                f"operator      sign in as {created.username} with the password {password}\n"
                "              It is shown only now. Change it at /accounts/password/change/."
            )
