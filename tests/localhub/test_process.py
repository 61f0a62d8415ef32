"""The local Hub as a program: what it keeps, and what it refuses to do."""

import subprocess
import sys

import httpx2
import pytest

from hubgate.localhub.process import running

pytestmark = pytest.mark.processes


def test_the_store_outlives_the_process(tmp_path):
    with running(tmp_path) as door:
        token = door.person("aurora")["tokens"][0]
        door.repo("aurora/thermo", gated="manual", files={"README.md": "# kept\n"})
        door.requests("aurora/thermo", [{"user": "kim", "fields": {"Why": "because"}}])
    with running(tmp_path, seed="conformance") as door:
        headers = {"Authorization": f"Bearer {token}"}
        assert door.rows("aurora/thermo")[0]["fields"] == {"Why": "because"}
        assert httpx2.get(f"{door.base_url}/aurora/thermo/resolve/main/README.md", headers=headers).text == "# kept\n"
        # A seed fills an empty store only.
        assert httpx2.get(f"{door.base_url}/api/models/meridian/open-model", headers=headers).status_code == 404


def test_it_listens_on_loopback_only(tmp_path):
    command = [sys.executable, "-m", "hubgate.localhub", "--host", "0.0.0.0", "--data", str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "loopback" in done.stderr
    assert not (tmp_path / "store").exists()
