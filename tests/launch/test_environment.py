"""Which Hub a start works on."""

from __future__ import annotations

from pathlib import Path

from hubgate.launch import environment


def hub_of(env: dict[str, str], demo: bool = False) -> tuple[str, str]:
    own = environment.hub_of(env, port=8000, hub_port=8001, demo=demo)
    return own["HUBGATE_DEMO"], own["HUBGATE_HUB_URL"]


def test_with_nothing_configured_it_is_the_local_hub():
    assert hub_of({}) == ("1", "http://127.0.0.1:8001")


def test_with_a_token_it_is_the_real_hub_unless_the_demo_is_asked_for():
    assert hub_of({"HF_TOKEN": "hf_x"}) == ("0", "https://huggingface.co")
    assert hub_of({"HF_TOKEN": "hf_x"}, demo=True) == ("1", "http://127.0.0.1:8001")


def test_a_named_hub_is_used():
    assert hub_of({"HUBGATE_HUB_URL": "https://hub.example.org/"}) == ("0", "https://hub.example.org")


def processes(env: dict[str, str], own: dict[str, str]) -> dict[str, str]:
    keys = {"HUBGATE_SECRET_KEY": "made"}
    return environment.of_processes(env, root=Path("/root-of-it"), data=Path("/data"), keys=keys, own=own)


def test_what_the_operator_set_wins_over_the_data_folder():
    env = processes({"HUBGATE_SECRET_KEY": "set", "HF_TOKEN": "hf_x"}, {"HUBGATE_DEMO": "0"})
    assert env["HUBGATE_SECRET_KEY"] == "set"
    assert env["HF_TOKEN"] == "hf_x"


def test_a_real_token_never_reaches_the_local_hub():
    own = {"HUBGATE_DEMO": "1", "HUBGATE_HUB_URL": "http://127.0.0.1:8001"}
    env = processes({"HF_TOKEN": "hf_x", "HUBGATE_HUB_URL": "https://huggingface.co"}, own)
    assert "HF_TOKEN" not in env
    assert env["HUBGATE_HUB_URL"] == "http://127.0.0.1:8001"


def test_the_demo_asks_its_hub_often_unless_the_operator_says_how_often():
    demo, real = {"HUBGATE_DEMO": "1"}, {"HUBGATE_DEMO": "0"}
    assert processes({}, demo)["HUBGATE_POLL_SECONDS"] == "5"
    assert processes({"HUBGATE_POLL_SECONDS": "60"}, demo)["HUBGATE_POLL_SECONDS"] == "60"
    assert "HUBGATE_POLL_SECONDS" not in processes({}, real)


def test_the_local_hub_knows_hubgate_as_the_application_that_people_sign_in_to():
    env = environment.of_local_hub({"HUBGATE_OIDC_CLIENT_ID": "hubgate", "HUBGATE_OIDC_CLIENT_SECRET": "s"})
    assert (env["LOCALHUB_OIDC_CLIENT_ID"], env["LOCALHUB_OIDC_CLIENT_SECRET"]) == ("hubgate", "s")
    assert "http://127.0.0.1/accounts/oidc/huggingface/login/callback/" in env["LOCALHUB_OIDC_REDIRECT_URIS"].split(",")
