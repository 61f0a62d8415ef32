"""docker-compose.yml and Dockerfile: what they name exists, and what they promise holds as far as it can be read."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from hubgate.settings import env, safety
from tests import compose
from tests.compose import ROOT

FILE = compose.read()
GIVEN = {"HUBGATE_PUBLIC_URL": "https://gate.example.org"}
# Programs of the images that are not ours.
THEIRS = {"pg_isready", "redis-cli", "redis-server"}
OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


def known_variables() -> set[str]:
    plain = {"database_url": "DATABASE_URL", "redis_url": "REDIS_URL", "email_url": "EMAIL_URL"}
    names = {plain.get(field.name, f"HUBGATE_{field.name.upper()}") for field in fields(env.Environment)}
    return names | set(env.SECRETS) | {f"{name}_FILE" for name in env.SECRETS}


def test_all_services_are_there():
    assert set(FILE.services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    assert set(FILE.ours) == {"migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", sorted(FILE.services))
def test_commands_and_health_checks_name_programs_and_modules_that_exist(name: str):
    commands = [FILE.command(name)] if "command" in FILE.services[name] else []
    if not FILE.services[name]["healthcheck"].get("disable"):
        commands.append(FILE.healthcheck(name))
    assert commands
    for words in commands:
        if words[0] in THEIRS:
            assert name in ("postgres", "redis")
            continue
        assert shutil.which(words[0], path=str(Path(sys.executable).parent)), words[0]
        if "manage.py" in words:
            command = words[words.index("manage.py") + 1]
            assert list(ROOT.glob(f"hubgate/*/management/commands/{command}.py")), command
        modules = [word.partition(":")[2] for word in words if word.startswith("python:")]
        modules += [words[words.index(flag) + 1] for flag in ("-m", "-A") if flag in words]
        modules += [word.partition(":")[0] for word in words if re.fullmatch(r"[a-z_.]+:[a-z]+", word)]
        for module in modules:
            assert module == "python" or importlib.util.find_spec(module), module


@pytest.mark.parametrize("name", sorted(FILE.services))
def test_every_service_restarts_is_checked_and_is_kept_inside(name: str):
    facts = FILE.services[name]
    once = name == "migrate"
    assert facts["restart"] == ("no" if once else "unless-stopped")
    assert once or facts["healthcheck"]["retries"] >= 3
    assert "inside" in facts["networks"]
    assert FILE.content["networks"]["inside"]["internal"] is True
    if name in ("beat", "migrate", "postgres", "redis"):
        assert facts["networks"] == ["inside"]  # only web and workers talk to the world
    if name in FILE.ours:
        assert facts["read_only"] is True
        assert facts["cap_drop"] == ["ALL"]
        assert facts["security_opt"] == ["no-new-privileges:true"]
    if name != "web":
        assert "ports" not in facts
    assert facts.get("image", "").count(":") >= 1
    assert not facts["image"].endswith(":latest")


def test_the_web_port_is_open_to_this_machine_only_unless_said_otherwise():
    assert compose.resolved(FILE.services["web"]["ports"][0], {}) == "127.0.0.1:8000:8000"
    assert compose.image_environment()["HUBGATE_BIND"].endswith(":8000")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_nothing_starts_before_the_database_is_there_and_of_this_version(name: str):
    needs = {service: facts["condition"] for service, facts in FILE.services[name]["depends_on"].items()}
    assert needs == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


@pytest.mark.parametrize("name", sorted(FILE.services))
def test_every_variable_is_one_that_is_read(name: str):
    known = known_variables() | OTHERS
    assert set(FILE.services[name].get("environment", {})) <= known
    assert set(compose.image_environment()) - {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"} <= (
        known | {"DJANGO_SETTINGS_MODULE"}
    )


def test_secrets_come_from_files_that_are_declared_and_never_stand_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / "Dockerfile").read_text()
    declared = set(FILE.content["secrets"])
    named = set(re.findall(r"/run/secrets/(\w+)", text))
    assert named == declared == {"secret_key", "encryption_key", "database_password"}
    for name, facts in FILE.ours.items():
        assert set(facts["secrets"]) == declared
        for variable, value in FILE.environment(name, GIVEN).items():
            if variable in env.SECRETS and variable not in ("DATABASE_URL", "REDIS_URL"):
                assert value == "", f"{variable} has a value of its own"
    assert "@" not in re.sub(r"hubgate@(postgres:5432|localhost)", "", text)


def test_the_set_up_is_one_that_production_starts_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    keys = {
        "HUBGATE_SECRET_KEY_FILE": "a-key-of-fifty-letters-and-more-0123456789-abcdefghij",
        "HUBGATE_ENCRYPTION_KEY_FILE": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "DATABASE_PASSWORD_FILE": "a-password",
    }
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)
    for name, value in {**compose.image_environment(), **FILE.environment("web", GIVEN)}.items():
        if name in keys:
            (tmp_path / name).write_text(keys[name])
            value = str(tmp_path / name)
        monkeypatch.setenv(name, value)
    read = env.read()
    assert safety.refusals(read) == []
    assert read.database_url == "postgres://hubgate:a-password@postgres:5432/hubgate"
    assert "gate.example.org" in safety.hosts_of(read)
    with pytest.raises(KeyError, match="HUBGATE_PUBLIC_URL"):
        FILE.environment("web", {})


def test_the_image_is_small_pinned_and_runs_as_nobody_in_particular():
    steps = compose.dockerfile()
    bases = [rest.split(" AS ")[0] for word, rest in steps if word == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])
    last = steps[max(place for place, (word, _) in enumerate(steps) if word == "FROM") :]
    assert ("USER", "hubgate") in last
    assert any(word == "HEALTHCHECK" for word, _ in last)
    run = " ".join(rest for word, rest in last if word == "RUN")
    assert not re.search(r"apt|pip|gcc|make|npm", run)
    assert all("--from=build" in rest for word, rest in last if word == "COPY")
    install = next(rest for word, rest in steps if word == "RUN")
    assert "--require-hashes" in install
    assert "--without-pip" in install


def test_the_image_has_all_of_hubgate_and_nothing_of_the_tests(tmp_path: Path):
    tree = compose.copy_image(tmp_path)
    assert (tree / "hubgate" / "operations" / "templates" / "operations" / "state.html").exists()
    assert (tree / "access" / "migrations").is_dir()
    assert not (tree / "hubgate" / "localhub").exists()
    assert not (tree / "tests").exists()
    assert not list(tree.rglob("node_modules"))
    assert not list(tree.rglob("*.pyc"))
