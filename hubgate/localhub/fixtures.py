"""The fixtures of the conformance cases: two namespaces, five repositories, a requester and a reader. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

OWNER, REQUESTER, OTHER = "aurora-lab", "jordan", "meridian"
TOKENS = {"owner": "hf_conformance_owner", "requester": "hf_conformance_requester", "reader": "hf_conformance_reader"}
OWN_REPO = "aurora-lab/tiny-gated"
ABSENT = ("nobody-here/no-such-repo",)
WEIGHTS = {"zeros": 2048, "lfs": True, "xet_hash": hashlib.sha256(b"tiny-gated/model.safetensors").hexdigest()}
ATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
LICENSE = "Community licence of the meridian test models.\n"


def _card(front: str, text: str) -> str:
    return f"---\n{front}---\n\n# {text}\n"


REPOS: list[dict[str, Any]] = [
    {
        "repo": OWN_REPO,
        "gated": "manual",
        "files": {
            ".gitattributes": ATTRIBUTES,
            "README.md": _card("license: mit\n", "tiny-gated"),
            "checkpoint-0/config.json": '{"hidden_size": 8}\n',
            "checkpoint-0/generation_config.json": '{"max_length": 20}\n',
            "checkpoint-0/model.safetensors": WEIGHTS,
        },
    },
    {
        "repo": "meridian/manual-gated",
        "gated": "manual",
        "files": {
            ".gitattributes": ATTRIBUTES,
            "README.md": _card("license: other\nextra_gated_prompt: Please read the licence.\n", "manual-gated"),
            "LICENSE.txt": LICENSE,
            "USE_POLICY.md": "Use it well.\n",
            "config.json": "{}\n",
            "original/README.md": "The original checkpoint.\n",
            "original/params.json": '{"dim": 8}\n',
        },
    },
    {
        "repo": "meridian/auto-gated",
        "gated": "auto",
        "files": {
            ".gitattributes": ATTRIBUTES,
            "README.md": _card("license: apache-2.0\n", "auto-gated"),
            "config.json": "{}\n",
        },
    },
    {
        "repo": "meridian/open-model",
        "gated": False,
        "files": {
            ".gitattributes": ATTRIBUTES,
            "README.md": _card("license: apache-2.0\n", "open-model"),
            "config.json": "{}\n",
        },
    },
    {
        "repo": "meridian/open-stale-card",
        "gated": False,
        "files": {
            ".gitattributes": ATTRIBUTES,
            "README.md": _card("license: apache-2.0\nextra_gated_description: Left over.\n", "open-stale-card"),
            "config.json": "{}\n",
        },
    },
]
