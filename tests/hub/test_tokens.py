"""What a token may do, and four refusals that must not look alike (HC §7)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubgate.hub.errors import (
    BadAnswer,
    GatedRefusal,
    HubUnreachable,
    NoRights,
    RateLimited,
    Refused,
    RepoMoved,
    RepoNotFound,
    TokenRejected,
    TokenTooNarrow,
    WrongAccount,
)
from hubgate.hub.tokens import ErrorContext, explain, judge_token, read_whoami, refine


def whoami(role="write", *, name="dana", orgs=(), fine=None, auth_type="access_token"):
    token = {"displayName": "hubgate", "role": role} if role else {}
    if fine is not None:
        token["fineGrained"] = fine
    return read_whoami(
        {
            "type": "user",
            "id": "6f00000000000000000000a1",
            "name": name,
            "fullname": "Dana",
            "isPro": False,
            "orgs": [{"name": org, "id": "o1", "roleInOrg": org_role} for org, org_role in orgs],
            "auth": {"type": auth_type, "accessToken": token},
        }
    )


def scoped(*scopes, gated=True, everywhere=()):
    entities = [
        {"entity": {"_id": "1", "type": "org", "name": name}, "permissions": list(permissions)}
        for name, permissions in scopes
    ]
    return {"canReadGatedRepos": gated, "global": list(everywhere), "scoped": entities}


LAB = "aurora-lab"
ADMIN = [(LAB, "admin")]


@pytest.mark.parametrize(
    ("who", "role", "can_list", "can_write", "missing"),
    [
        (whoami(name=LAB), "owner", True, True, 0),
        (whoami(name="Aurora-Lab"), "owner", True, True, 0),
        (whoami(orgs=ADMIN), "admin", True, True, 0),
        (whoami(orgs=[(LAB, "write")]), "write", True, True, 0),
        (whoami("admin", orgs=ADMIN), "admin", True, True, 0),
        (whoami(orgs=[(LAB, "read")]), "read", False, False, 1),
        (whoami(orgs=[(LAB, "contributor")]), "contributor", False, False, 1),
        (whoami(orgs=[(LAB, None)]), "a member of unknown role", False, False, 1),
        (whoami(), None, False, False, 1),
        (whoami(orgs=[("other", "admin")]), None, False, False, 1),
        (whoami("read", name=LAB), "owner", False, False, 1),
        (whoami("read"), None, False, False, 2),
        (whoami("superb", name=LAB), "owner", False, False, 1),
        (whoami(None, name=LAB, auth_type="oauth"), "owner", False, False, 1),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped((LAB, ["repo.write"]))), "admin", True, True, 0),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped((LAB, ["repo.access.read"]))), "admin", True, False, 1),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped((LAB, ["repo.content.read"]))), "admin", False, False, 2),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped(("dana", ["repo.write"]))), "admin", False, False, 2),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped()), "admin", False, False, 2),
        (whoami("fineGrained", orgs=ADMIN), "admin", False, False, 2),
        (whoami("fineGrained", fine=scoped((LAB, ["repo.write"]))), None, False, False, 1),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped(everywhere=["repo.write"])), "admin", True, True, 0),
        (whoami("fineGrained", orgs=ADMIN, fine=scoped((f"{LAB}/tiny", ["repo.write"]))), "admin", False, False, 2),
    ],
)
def test_reach(who, role, can_list, can_write, missing):
    reach = judge_token(who, LAB)
    assert (reach.role, reach.can_list_requests, reach.can_write) == (role, can_list, can_write)
    assert len(reach.missing) == missing
    assert f"@{who.name}" in reach.sentence
    assert reach.sentence.endswith(".")
    assert ("may read and decide" in reach.sentence) == can_write


def test_a_fine_grained_token_names_what_it_has_and_lacks():
    who = whoami("fineGrained", orgs=ADMIN, fine=scoped((f"{LAB}/tiny", ["repo.write"]), gated=False))
    reach = judge_token(who, LAB)
    assert reach.repos == ("aurora-lab/tiny",)
    assert not reach.can_read_gated
    assert "may decide only in aurora-lab/tiny" in reach.sentence
    assert "(repo.write)" in reach.missing[1]


@pytest.mark.parametrize(("role", "fine", "reads"), [("read", None, True), ("fineGrained", scoped(), True)])
def test_who_reads_gated_files(role, fine, reads):
    assert whoami(role, fine=fine).can_read_gated is reads


def test_an_answer_without_an_account_is_none():
    contents: list[object] = [None, [], {}, {"name": ""}, {"name": 7}]
    for content in contents:
        with pytest.raises(ValueError, match="names no account"):
            read_whoami(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "auth", "accessToken", "role", "fineGrained", "scoped", "orgs", "entity", "global"]
            ),
            inner,
            max_size=4,
        )
    ),
)


@given(JSON, JSON)
def test_an_odd_whoami_never_gives_rights(orgs, auth):
    reach = judge_token(read_whoami({"name": "dana", "orgs": orgs, "auth": auth}), LAB)
    assert not reach.can_write


def no_rights():
    return NoRights("no", status=403, path="/api/x")


def test_the_same_403_has_its_cause_from_the_reach():
    assert type(refine(no_rights(), None)) is NoRights
    assert type(refine(no_rights(), judge_token(whoami(), LAB))) is WrongAccount
    assert type(refine(no_rights(), judge_token(whoami("read", orgs=ADMIN), LAB))) is TokenTooNarrow
    assert type(refine(no_rights(), judge_token(whoami(orgs=ADMIN), LAB))) is NoRights
    assert refine(no_rights(), judge_token(whoami(), LAB)).path == "/api/x"


def test_dead_narrow_strange_and_deleted_read_differently():
    repo = f"{LAB}/tiny"
    admin = ErrorContext(LAB, repo, judge_token(whoami(orgs=ADMIN), LAB))
    texts = [
        explain(TokenRejected("x", status=401), admin),
        explain(no_rights(), ErrorContext(LAB, repo, judge_token(whoami("read", orgs=ADMIN), LAB))),
        explain(no_rights(), ErrorContext(LAB, repo, judge_token(whoami(), LAB))),
        explain(RepoNotFound("x", status=404), admin),
    ]
    for text, words in zip(
        texts, ("no longer accepts", "too narrow", "no role in", "knows no repository"), strict=True
    ):
        assert words in text
        assert [words in other for other in texts].count(True) == 1
    assert all("Nothing was deleted here" in text for text in texts[:3])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (no_rights(), "check the connection"),
        (TokenTooNarrow("x", missing="write-repos."), "It lacks: write-repos. Widen"),
        (RepoMoved("x", new_id="aurora-lab/two"), "is called aurora-lab/two now"),
        (GatedRefusal("x"), "not let in at the gate"),
        (
            RateLimited("x", retry_at=datetime(2026, 1, 1, 12, tzinfo=UTC), bucket="api", held_back=False),
            "12:00:00 UTC",
        ),
        (
            HubUnreachable("The Hub did not answer", outcome_unknown=True),
            "did not answer. hubgate reads what the Hub has",
        ),
        (BadAnswer("A web page came."), "A web page came."),
        (Refused("The Hub refused this (status 400): no."), "refused this"),
    ],
)
def test_every_error_is_told_in_full_sentences(error, words):
    text = explain(error, ErrorContext(LAB, f"{LAB}/tiny"))
    assert words in text
    assert text.endswith(".")
    assert ".." not in text
