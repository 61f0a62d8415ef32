"""Starting, going on, and stopping."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import stat
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from hubgate.launch import folder
from tests.procfixtures import Running, StartProcess, free_port, wait_until

pytestmark = pytest.mark.processes


class Launch:
    """`./run` once its environment is installed, on a data folder of this test's own."""

    def __init__(self, data: Path, start_process: StartProcess, **env: str) -> None:
        self.data = data
        self.port = free_port()
        self.hub_port = free_port()
        self._start_process = start_process
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("HUBGATE_", "HF_", "DJANGO_"))
        }
        self._env = {**kept, **env}

    def __call__(self, *options: str, ready: bool = True) -> Running:
        command = [sys.executable, "-m", "hubgate.launch", "start", "--data", str(self.data)]
        command += ["--port", str(self.port), "--hub-port", str(self.hub_port), *options]
        return self._start_process(command, self._env, name="launch", ready="Ctrl-C" if ready else None, timeout=60)

    def sql(self, query: str) -> int:
        """The one number that a query gives."""
        with contextlib.closing(sqlite3.connect(self.data / "hubgate.sqlite3")) as connection:
            return int(connection.execute(query).fetchone()[0])

    def web_pid(self) -> int:
        found = re.search(r"Listening at: .* \((\d+)\)", (self.data / "log" / "hubgate.log").read_text())
        assert found
        return int(found[1])


@pytest.fixture
def launch(tmp_path: Path, start_process: StartProcess) -> Launch:
    """Starts hubgate alone, for a Hub that does not answer."""
    return Launch(tmp_path / "data", start_process, HUBGATE_HUB_URL="http://127.0.0.1:1")


@pytest.fixture
def demo(tmp_path: Path, start_process: StartProcess) -> Launch:
    """Starts hubgate and the local Hub."""
    return Launch(tmp_path / "data", start_process)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def interrupt(running: Running) -> int:
    """Ctrl-C; gives the exit status."""
    running.process.send_signal(signal.SIGINT)
    return running.process.wait(15)


def password_shown(running: Running) -> str | None:
    found = re.search(r"sign in as operator with the password (\S+)", running.output())
    return found[1] if found else None


def sign_in(port: int, password: str) -> bool:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        page = client.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"login": "operator", "password": password, "csrfmiddlewaretoken": token[1]}
        return client.post("/accounts/login/", data=form).status_code == 302


def closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_first_start_makes_keys_and_an_operator_and_the_second_goes_on_with_them(launch: Launch):
    first = launch()
    keys = launch.data / "keys.env"
    made = keys.read_text()
    assert (mode(launch.data), mode(keys)) == (0o700, 0o600)
    password = password_shown(first)
    assert password is not None
    assert sign_in(launch.port, password)
    assert not sign_in(launch.port, password + "x")
    assert interrupt(first) == 0
    assert closed(launch.port)

    began = time.monotonic()
    second = launch()
    assert time.monotonic() - began < 15  # seconds; alone on two cores it is 3
    assert keys.read_text() == made
    assert password_shown(second) is None
    assert sign_in(launch.port, password)
    assert password not in (launch.data / "log" / "hubgate.log").read_text()


def test_the_demo_starts_and_stops_the_local_hub_too(demo: Launch):
    running = demo()
    assert f"the local Hub http://127.0.0.1:{demo.hub_port}" in running.output()
    assert not closed(demo.hub_port)
    password = password_shown(running)
    assert password is not None
    assert sign_in(demo.port, password)
    assert interrupt(running) == 0
    assert closed(demo.port)
    assert closed(demo.hub_port)

    assert password_shown(demo()) == password


def test_a_busy_port_is_named_with_the_option_that_chooses_another(launch: Launch):
    with socket.create_server(("127.0.0.1", launch.port)):
        refused = launch(ready=False)
        assert refused.process.wait(15) == 1
    assert str(launch.port) in refused.output()
    assert "--port" in refused.output()
    assert not launch.data.exists()


def test_a_child_that_dies_stops_the_rest_and_is_told_with_its_last_words(launch: Launch):
    running = launch()
    os.kill(launch.web_pid(), signal.SIGKILL)
    assert running.process.wait(15) == 1
    assert "The web process ended (signal SIGKILL)" in running.output()
    assert "Listening at" in running.output()
    wait_until(lambda: closed(launch.port), 15, "the port to be free")


def test_nothing_runs_on_when_the_launcher_is_killed(launch: Launch):
    launch().kill()
    wait_until(lambda: closed(launch.port), 10, "the web process to end")
    launch()


def test_one_data_folder_is_used_by_one_hubgate(launch: Launch):
    launch()
    launch.port = free_port()
    refused = launch(ready=False)
    assert refused.process.wait(15) == 1
    assert "already running on the data folder" in refused.output()


def test_data_of_one_hub_is_never_shown_as_another_ones(launch: Launch):
    folder.prepare(launch.data)
    folder.bind_to_hub(launch.data, {"HUBGATE_DEMO": "1", "HUBGATE_HUB_URL": "http://127.0.0.1:8001"})
    refused = launch(ready=False)
    assert refused.process.wait(15) == 1
    assert "holds the demo" in refused.output()


def test_the_demo_fills_itself_once_and_its_people_sign_in_with_one_click(demo: Launch):
    first = demo()
    assert re.search(r"^mkeller +Mara Keller: Admin of aurora-lab", first.output(), re.M)
    requests = "SELECT count(*) FROM access_accessrequest WHERE status = 'pending'"
    wait_until(lambda: demo.sql(requests) > 60, 30, "the requests of the local Hub to be mirrored")
    accounts = "SELECT count(*) FROM accounts_user"
    made = demo.sql(accounts)
    with httpx2.Client(base_url=f"http://127.0.0.1:{demo.port}", trust_env=False, follow_redirects=True) as person:
        page = person.get("/accounts/login/?next=/repositories/")
        page = person.post("/accounts/oidc/huggingface/login/?next=/repositories/", data=csrf(page.text))
        assert "Mara Keller" in page.text
        page = person.post(str(page.url), data={**csrf(page.text), "user": "mkeller", "next": next_of(str(page.url))})
        page = person.post(str(page.url), data={**csrf(page.text), "answer": "yes"})
        assert str(page.url) == f"http://127.0.0.1:{demo.port}/repositories/"
        assert "aurora-7b-vision" in page.text
    assert demo.sql(accounts) == made
    assert interrupt(first) == 0

    namespaces = "SELECT count(*) FROM repos_namespace WHERE token_state = 'working'"
    second = demo()
    assert re.search(r"^mkeller +Mara Keller", second.output(), re.M)
    assert (demo.sql(accounts), demo.sql(namespaces)) == (made, 3)


def csrf(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page
    return {"csrfmiddlewaretoken": found[1]}


def next_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["next"][0]
