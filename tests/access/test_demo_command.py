"""`manage.py demo`: the people of the demo, their namespaces, and a first sign-in that lands in the same account."""

from __future__ import annotations

from io import StringIO

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command

from hubgate.accounts.models import User
from hubgate.localhub import demo
from hubgate.outbox.models import OutboxItem
from repos.models import Namespace

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_it_is_for_the_demo_only(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="in the demo only"):
        run()
    assert not User.objects.exists()


def test_it_connects_every_namespace_once_with_changes_and_mail_on(settings):
    settings.DEMO = True
    run()
    namespaces = {
        found.name: (found.connected_by.username, found.changes_enabled, found.mail_requesters)
        for found in Namespace.objects.select_related("connected_by")
        if found.connected_by
    }
    assert namespaces == {
        "aurora-lab": ("mkeller", True, True),
        "ihoffmann": ("ihoffmann", True, True),
        "kmensah": ("kmensah", True, True),
    }
    assert OutboxItem.objects.filter(kind="repos.check-token").count() == 3


def test_running_it_again_changes_nothing(settings):
    settings.DEMO = True
    first = run()
    Namespace.objects.filter(name="aurora-lab").update(mail_requesters=False)
    before = list(User.objects.values_list("pk", "username")), list(Namespace.objects.values_list("pk", "token_sealed"))
    assert run() == first
    assert before == (
        list(User.objects.values_list("pk", "username")),
        list(Namespace.objects.values_list("pk", "token_sealed")),
    )
    assert not Namespace.objects.get(name="aurora-lab").mail_requesters


def test_it_says_a_line_for_everybody_and_only_that_when_asked(settings):
    settings.DEMO = True
    lines = run("--personas").splitlines()
    assert [line.split()[0] for line in lines] == [persona.username for persona in demo.personas()]
    assert not User.objects.exists()


def test_accounts_are_those_that_a_sign_in_with_the_hub_looks_for(settings):
    settings.DEMO = True
    run()
    uid = next(persona.hub_id for persona in demo.personas() if persona.username == "mkeller")
    account = SocialAccount.objects.get(provider="huggingface", uid=uid)
    user = User.objects.get(username="mkeller")
    assert account.user == user
    assert user.email == "mara.keller@aurora-lab.example"
    assert not user.has_usable_password()
    assert set(user.hub_identity.memberships.values_list("namespace", "role")) == {
        ("mkeller", "admin"),
        ("aurora-lab", "admin"),
    }
