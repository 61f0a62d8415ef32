"""`manage.py demo`: accounts for the demo's people, and their namespaces connected, so that the inbox fills itself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubgate.accounts.actions import Person, ensure_hub_account
from hubgate.accounts.models import User
from hubgate.accounts.queries import actor_of
from hubgate.localhub import demo
from hubgate.localhub.demo import Persona
from repos import actions
from repos.models import Namespace, Role


class Command(BaseCommand):
    help = (
        "Make accounts for the people of the local Hub's demo and connect the namespaces that they run, once each. "
        "May be run at every start; asks the Hub nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--personas", action="store_true", help="only say whom one may sign in as")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This works in the demo only: ./run without HF_TOKEN, or with --demo.")
        personas = demo.personas()
        if not options["personas"]:
            users = {persona.username: _account(persona) for persona in personas}
            for name in demo.namespaces():
                _connect(name, personas, users)
                _name(name, personas, users)
        for persona in personas:
            self.stdout.write(f"{persona.username:<13} {persona.name}: {persona.what}")


def _account(persona: Persona) -> User:
    person = Person(hub_id=persona.hub_id, username=persona.username, fullname=persona.name)
    return ensure_hub_account(person, email=persona.email, memberships=persona.roles)


def _name(name: str, personas: list[Persona], users: dict[str, User]) -> None:
    """Name those who have a role in a namespace beside what the Hub says, unless they ever had it."""
    admin = next(persona for persona in personas if persona.roles.get(name) == "admin")
    for persona in personas:
        role = persona.named.get(name)
        user = users[persona.username]
        if role and not Role.objects.filter(namespace__name__iexact=name, user=user, name=role).exists():
            actions.give_role(
                actor=actor_of(users[admin.username]), namespace=name, username=persona.username, role=role
            )


def _connect(name: str, personas: list[Persona], users: dict[str, User]) -> None:
    """Connect a namespace with the write token of its first admin, unless it was connected before."""
    if Namespace.objects.filter(name__iexact=name).exists():
        return
    admin = next(persona for persona in personas if persona.roles.get(name) == "admin")
    token = next(token.secret for token in admin.tokens if token.role == "write")
    actor = actor_of(users[admin.username])
    actions.connect(actor=actor, name=name, token=token, changes_enabled=True, mail_requesters=True)
