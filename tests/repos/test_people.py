"""Who is named for what: by user name or by mail, and how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from access import actions as access
from access.models import AccessRequest
from hubgate.accounts import actions as accounts
from hubgate.accounts.actions import Person
from hubgate.accounts.models import User
from hubgate.audit.models import AuditEvent
from hubgate.errors import InvalidInputError, NotAllowedError, NotFoundOrHiddenError, WrongStateError
from hubgate.notify import mail_text
from hubgate.notify.models import Delivery, Notification
from repos import actions, people
from repos.models import Invitation, Role
from tests import factories

pytestmark = pytest.mark.django_db
NS = "aurora-lab"


def somebody(username: str) -> User:
    """An account that has signed in with the Hub."""
    user = User.objects.create_user(username, email=f"{username}@hubgate.example", first_name=username.title())
    accounts.record_sign_in(user, Person(hub_id=f"u-{username}", username=username), {username: "admin"})
    return User.objects.get(pk=user.pk)


def name(author: User, user: User, role: str, repository: int | None = None) -> Role:
    return actions.give_role(
        actor=factories.actor(author), namespace=NS, username=user.username, role=role, repository_id=repository
    )


@pytest.fixture
def author(db: None) -> User:
    return factories.make_author(NS, "mara")


def test_somebody_is_named_told_and_written_down(author: User):
    noor = somebody("noor")
    role = name(author, noor, "reviewer")
    assert (role.user, role.given_by, role.repository) == (noor, author, None)
    told = Notification.objects.get(user=noor)
    assert mail_text.of_notice(told.kind, told.data).title == "You are a reviewer of aurora-lab now"
    event = AuditEvent.objects.get(event="repos.people.role-given")
    assert event.data == {"who": "Noor", "role": "reviewer"}
    shown = [(one.user, one.role, one.source) for one in people.held(role.namespace)]
    assert shown == [(author, "author", "token"), (noor, "reviewer", "named")]


@pytest.mark.parametrize(
    ("username", "role", "repository", "says"),
    [
        ("nobody-here", "reviewer", None, "Invite them by mail"),
        ("noor", "author", None, "Choose a role"),
        ("noor", "operator", None, "Choose a role"),
        ("noor", "reviewer", 999, "no repository of aurora-lab"),
        ("noor", "steward", 1, "whole namespace"),
    ],
)
def test_what_cannot_be_is_refused_in_words(author: User, username: str, role: str, repository: int | None, says: str):
    somebody("noor")
    with pytest.raises(InvalidInputError, match=says):
        actions.give_role(
            actor=factories.actor(author), namespace=NS, username=username, role=role, repository_id=repository
        )


def test_a_role_is_given_once_and_authors_need_none(author: User):
    noor = somebody("noor")
    name(author, noor, "reviewer")
    with pytest.raises(WrongStateError, match="already"):
        name(author, noor, "reviewer")
    with pytest.raises(WrongStateError, match="is an author"):
        name(author, author, "auditor")
    name(author, noor, "steward")  # another role beside it is fine


def test_only_authors_name_and_take_away(author: User):
    noor, lena = somebody("noor"), somebody("lena")
    role = name(author, noor, "reviewer")
    with pytest.raises(NotAllowedError):
        name(noor, lena, "reviewer")
    with pytest.raises(NotAllowedError):
        actions.take_role(actor=factories.actor(noor), namespace=NS, role_id=role.pk, reason="No.")
    with pytest.raises(NotFoundOrHiddenError):
        name(lena, noor, "auditor")
    stranger = factories.make_author("meridian", "ines")
    with pytest.raises(NotFoundOrHiddenError):
        actions.take_role(actor=factories.actor(stranger), namespace="meridian", role_id=role.pk, reason="Not mine.")


def test_what_is_taken_away_ends_in_the_middle_of_a_session_and_frees_what_was_assigned(author: User):
    request = factories.ask(factories.make_repository("aurora-lab/tiny-gated"), "jordan")
    noor = somebody("noor")
    role = name(author, noor, "reviewer")
    access.assign(actor=factories.actor(author), request_id=request.pk, user_id=noor.pk)
    client = Client()
    client.force_login(noor)
    _, secret = accounts.make_token(actor=factories.actor(noor), name="script", wanted=["read", "decide"], days=1)
    script = Client(headers={"authorization": f"Bearer {secret}"})
    assert client.get(f"/requests/{request.pk}/").status_code == 200
    assert script.get(f"/api/v1/requests/{request.pk}").status_code == 200

    actions.take_role(actor=factories.actor(author), namespace=NS, role_id=role.pk, reason="The review is over.")

    assert client.get(f"/requests/{request.pk}/").status_code == 404
    assert client.post(f"/requests/{request.pk}/accept/", {"seen_status": "pending"}).status_code == 404
    assert script.get(f"/api/v1/requests/{request.pk}").status_code == 404
    assert AccessRequest.objects.get(pk=request.pk).assigned_to is None
    told = Notification.objects.filter(user=noor).latest("pk")
    assert "The review is over." in mail_text.of_notice(told.kind, told.data).body
    with pytest.raises(WrongStateError, match="already"):
        actions.take_role(actor=factories.actor(author), namespace=NS, role_id=role.pk, reason="Again.")


def test_what_somebody_still_decides_by_another_role_stays_assigned(author: User):
    one, two = factories.make_repository("aurora-lab/one"), factories.make_repository("aurora-lab/two")
    noor = somebody("noor")
    whole, single = name(author, noor, "reviewer"), name_one(author, noor, one.pk)
    requests = [factories.ask(repository, "jordan") for repository in (one, two)]
    for request in requests:
        access.assign(actor=factories.actor(author), request_id=request.pk, user_id=noor.pk)
    actions.take_role(actor=factories.actor(author), namespace=NS, role_id=whole.pk, reason="Only one from now on.")
    assert [AccessRequest.objects.get(pk=request.pk).assigned_to for request in requests] == [noor, None]
    assert single.ended_at is None


def name_one(author: User, user: User, repository: int) -> Role:
    """A role for one repository beside one for all: the rights of both add up, so that hubgate writes it only for
    somebody who has not the wider one; here the wider one came later in life."""
    namespace = Role.objects.get(user=user, name="reviewer").namespace
    return Role.objects.create(
        namespace=namespace, repository_id=repository, user=user, name="reviewer", given_by_label=str(author)
    )


def test_the_last_author_cannot_be_taken_away_and_a_token_brings_nobody_back(author: User):
    mine = Role.objects.get(user=author)
    with pytest.raises(WrongStateError, match="last author"):
        actions.take_role(actor=factories.actor(author), namespace=NS, role_id=mine.pk, reason="Leaving.")
    second = somebody("second")
    factories.make_member(second, NS)
    actions.take_role(actor=factories.actor(second), namespace=NS, role_id=mine.pk, reason="Left the lab.")
    actions.record_token(namespace_id=mine.namespace_id, state="working", note="", account="mara", proves=True)
    assert people.is_author(author, mine.namespace) is False


def invite(author: User, address: str = "noor@lab.example", role: str = "reviewer") -> tuple[Invitation, str]:
    """An invitation, and the path of the link in its mail."""
    made = actions.invite(actor=factories.actor(author), namespace=NS, address=address, role=role)
    told = Notification.objects.get(kind="repos.invited", subject_id=made.pk)
    body = mail_text.of_notice(told.kind, told.data).body
    link = next(word for word in body.split() if "/invitations/" in word)
    return made, link[link.index("/invitations/") :]


def test_a_link_that_is_opened_accepts_nothing_and_one_that_is_posted_accepts_once(author: User):
    made, path = invite(author)
    noor, lena = somebody("noor"), somebody("lena")
    assert Client().get(path).status_code == 302  # to the sign-in
    client = Client()
    client.force_login(noor)
    page = client.get(path)
    assert b"e-mail addresses and answers" in page.content
    assert page["Referrer-Policy"] == "same-origin"  # the secret of the address is told to nobody else
    assert not Role.objects.filter(user=noor).exists()

    assert client.post(path).status_code == 302
    assert Role.objects.get(user=noor).name == "reviewer"
    made.refresh_from_db()
    assert (made.accepted_by, made.address) == (noor, "")
    assert not Delivery.objects.filter(address="noor@lab.example").exists()
    told = Notification.objects.filter(user=author, kind="repos.invitation-accepted").get()
    assert "noor on the Hub" in mail_text.of_notice(told.kind, told.data).body

    late = Client()
    late.force_login(lena)
    assert late.post(path).status_code == 409
    assert b"accepted already" in late.get(path).content
    assert not Role.objects.filter(user=lena).exists()


def test_the_database_holds_no_secret_of_a_link(author: User):
    _, path = invite(author)
    token = path.split("/")[2]
    kept = [*Invitation.objects.values_list(), *Notification.objects.values_list(), *AuditEvent.objects.values_list()]
    assert token not in repr(kept)
    assert token.partition(".")[2] not in repr(kept)


def test_links_that_are_over_taken_back_or_changed_open_nothing(author: User):
    noor = somebody("noor")
    actor = factories.actor(noor)
    _, old = invite(author)
    with (
        time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)),
        pytest.raises(WrongStateError, match="seven"),
    ):
        actions.accept_invitation(actor=actor, token=old.split("/")[2])
    made, path = invite(author, "other@lab.example")
    actions.take_back_invitation(actor=factories.actor(author), namespace=NS, invitation_id=made.pk)
    made.refresh_from_db()
    assert made.address == ""
    with pytest.raises(WrongStateError, match="taken back"):
        actions.accept_invitation(actor=actor, token=path.split("/")[2])
    token = path.split("/")[2]
    for changed in (token[:-1] + ("A" if token[-1] != "A" else "B"), token.partition(".")[0], "x", "a.b.c"):
        with pytest.raises(NotFoundOrHiddenError):
            actions.accept_invitation(actor=actor, token=changed)
    assert not Role.objects.filter(user=noor).exists()


def test_an_invitation_is_worth_nothing_once_its_maker_is_no_author(author: User):
    second = somebody("second")
    factories.make_member(second, NS)
    _, path = invite(author)
    mine = Role.objects.get(user=author)
    actions.take_role(actor=factories.actor(second), namespace=NS, role_id=mine.pk, reason="Left the lab.")
    with pytest.raises(WrongStateError, match="no author"):
        actions.accept_invitation(actor=factories.actor(somebody("noor")), token=path.split("/")[2])


def test_a_local_account_is_told_to_sign_in_with_the_hub(author: User):
    _, path = invite(author)
    client = Client()
    client.force_login(User.objects.create_user("local"))
    assert b"Sign in with your account on the Hub" in client.get(path).content
    assert client.post(path).status_code == 403


def test_the_states_of_an_invitation_and_whom_its_address_is_shown_to(author: User):
    made, _ = invite(author)
    mails = Delivery.objects.filter(notification__subject_id=made.pk, notification__kind="repos.invited")
    noor = somebody("noor")
    name(author, noor, "reviewer")
    assert shown(author) == [("on its way", "noor@lab.example")]
    assert shown(noor) == [("on its way", "")]
    mails.update(state=Delivery.State.SENT)
    assert shown(author) == [("sent", "noor@lab.example")]
    mails.update(state=Delivery.State.FAILED)
    assert shown(author) == [("did not arrive", "noor@lab.example")]
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert shown(author)[0][0] == "over"
    assert mail.outbox == []


def shown(user: User) -> list[tuple[str, str]]:
    return [(one.state, one.address) for one in people.people(factories.actor(user), NS).invited]


def test_one_address_is_invited_to_the_same_once(author: User):
    invite(author)
    with pytest.raises(WrongStateError, match="already"):
        invite(author, "Noor@lab.example")
    with pytest.raises(InvalidInputError, match="no e-mail address"):
        invite(author, "noor at lab")


def test_the_page_names_and_refuses_beside_the_field(author: User):
    somebody("noor")
    client = Client()
    client.force_login(author)
    refused = client.post(f"/namespaces/{NS}/people/name/", {"username": "ghost", "role": "reviewer"})
    assert refused.status_code == 422
    assert b"Nobody of that name has signed in here yet" in refused.content
    assert client.post(f"/namespaces/{NS}/people/name/", {"username": "noor", "role": "reviewer"}).status_code == 302
    page = client.get(f"/namespaces/{NS}/people/").content.decode()
    assert "named by <bdi>Mara Keller</bdi>" in page
    role = Role.objects.get(name="reviewer")
    assert client.post(f"/namespaces/{NS}/people/{role.pk}/end/", {"reason": ""}).status_code == 422
    assert client.post(f"/namespaces/{NS}/people/{role.pk}/end/", {"reason": "Done."}).status_code == 302
    assert "taken away by <bdi>Mara Keller</bdi>" in client.get(f"/namespaces/{NS}/people/").content.decode()
