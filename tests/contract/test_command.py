"""The unmodified `hf` command against the local Hub."""

import pytest

from tests.contract.conftest import MODEL, OPEN, WEIGHTS

pytestmark = pytest.mark.processes


def test_hf_auth_whoami(hf):
    done = hf("auth", "whoami")
    assert done.returncode == 0, done.stderr
    assert "aurora" in done.stdout


def test_hf_download(hf, tmp_path):
    done = hf("download", MODEL, "--local-dir", str(tmp_path / "model"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == WEIGHTS


def test_hf_download_refused(hf, world, tmp_path):
    done = hf("download", MODEL, "config.json", "--local-dir", str(tmp_path / "model"), token=world.requester_token)
    assert done.returncode != 0
    assert not (tmp_path / "model" / "config.json").exists()


def test_hf_models_ls(hf):
    done = hf("models", "ls", "--author", "aurora")
    assert done.returncode == 0, done.stderr
    assert MODEL in done.stdout
    assert OPEN in done.stdout


def test_hf_models_ls_gated(hf):
    done = hf("models", "ls", "--author", "aurora", "--gated")
    assert done.returncode == 0, done.stderr
    assert MODEL in done.stdout
    assert OPEN not in done.stdout
