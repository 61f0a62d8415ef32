"""Which Hub a start works on, and the environment variables of its processes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

HUGGING_FACE = "https://huggingface.co"


# The demo shows at once what a real Hub is asked about at leisure.
DEMO_PACE = {
    "HUBGATE_TICK_SECONDS": "1",
    "HUBGATE_POLL_SECONDS": "5",
    "HUBGATE_COMPARE_SECONDS": "30",
    "HUBGATE_REPOSITORIES_SECONDS": "15",
}


def hub_of(env: Mapping[str, str], *, port: int, hub_port: int, demo: bool) -> dict[str, str]:
    """The variables that name the Hub and hubgate's own address.

    The local Hub, unless `env` has a token (HF_TOKEN: the Hugging Face Hub) or another address (HUBGATE_HUB_URL), and
    the demo is not asked for.
    """
    real = "" if demo else env.get("HUBGATE_HUB_URL") or (HUGGING_FACE if env.get("HF_TOKEN") else "")
    own = {
        "HUBGATE_DEMO": "0" if real else "1",
        "HUBGATE_HUB_URL": (real or f"http://127.0.0.1:{hub_port}").rstrip("/"),
        "HUBGATE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    if not real:
        own["HUBGATE_OIDC_CLIENT_ID"] = "hubgate"
    return own


def of_processes(
    env: Mapping[str, str], *, root: Path, data: Path, keys: Mapping[str, str], own: Mapping[str, str]
) -> dict[str, str]:
    """`env` with what the data folder knows; what the operator set wins, but for the Hub's address in the demo."""
    pace = DEMO_PACE if own.get("HUBGATE_DEMO") == "1" else {}
    result = {"DJANGO_SETTINGS_MODULE": "hubgate.settings.embedded", **pace, **keys, **own, **env}
    result["HUBGATE_DATA"] = str(data)
    result["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), env.get("PYTHONPATH")]))
    if own.get("HUBGATE_DEMO") == "1":
        result.update(own)
        # The Hub's client would send this to whatever Hub it is pointed at.
        result.pop("HF_TOKEN", None)
    return result


def of_local_hub(env: Mapping[str, str]) -> dict[str, str]:
    """`env` with the application that the local Hub lets people sign in to: hubgate as it is started beside it."""
    return {
        **env,
        "LOCALHUB_OIDC_CLIENT_ID": env["HUBGATE_OIDC_CLIENT_ID"],
        "LOCALHUB_OIDC_CLIENT_SECRET": env["HUBGATE_OIDC_CLIENT_SECRET"],
        "LOCALHUB_OIDC_REDIRECT_URIS": ",".join(
            f"http://{host}/accounts/oidc/huggingface/login/callback/" for host in ("127.0.0.1", "localhost", "[::1]")
        ),
    }
