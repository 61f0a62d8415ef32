"""The first operator."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import call_command

from hubgate.accounts.models import User

pytestmark = pytest.mark.django_db


def first_start() -> str:
    out = StringIO()
    call_command("first_start", stdout=out)
    return out.getvalue()


def test_the_first_start_makes_an_operator_and_shows_the_password_once():
    shown = re.search(r"sign in as operator with the password (\S+)", first_start())
    assert shown
    operator = User.objects.get(username="operator")
    assert operator.is_superuser
    assert operator.check_password(shown[1])
    assert first_start() == ""


def test_with_an_operator_there_none_is_made():
    User.objects.create_superuser(username="dana", password="long-enough-to-be-one")
    assert first_start() == ""
    assert User.objects.count() == 1
