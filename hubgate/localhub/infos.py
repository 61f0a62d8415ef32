"""Repository info bodies as the Hub writes them (HC §4), for single repositories and for lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hubgate.localhub.blobs import pointer
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Repo, RepoFile
from hubgate.localhub.validation import Issues

MASK = "*" * 64

_MODEL_EXPAND = (
    "author", "baseModels", "cardData", "childrenModelCount", "config", "createdAt", "disabled", "downloads",
    "downloadsAllTime", "evalResults", "gated", "gguf", "inference", "inferenceProviderMapping", "lastModified",
    "library_name", "likes", "mask_token", "model-index", "pipeline_tag", "private", "resourceGroup", "safetensors",
    "sha", "siblings", "spaces", "tags", "transformersInfo", "trendingScore", "usedStorage", "widgetData",
)  # fmt: skip
_DATASET_EXPAND = (
    "author", "cardData", "citation", "createdAt", "description", "disabled", "downloads", "downloadsAllTime", "gated",
    "lastModified", "likes", "mainSize", "paperswithcode_id", "private", "resourceGroup", "sha", "siblings", "tags",
    "trendingScore", "usedStorage",
)  # fmt: skip
_SPACE_EXPAND = (
    "author", "cardData", "createdAt", "datasets", "disabled", "lastModified", "likes", "models", "private",
    "resourceGroup", "runtime", "sdk", "sha", "siblings", "subdomain", "tags", "trendingScore", "usedStorage",
)  # fmt: skip
EXPAND = {"model": _MODEL_EXPAND, "dataset": _DATASET_EXPAND, "space": _SPACE_EXPAND}

FULL = {
    "model": (
        "private", "pipeline_tag", "library_name", "tags", "downloads", "likes", "modelId", "author", "sha",
        "lastModified", "gated", "disabled", "model-index", "config", "cardData", "siblings", "spaces", "createdAt",
        "usedStorage",
    ),
    "dataset": (
        "author", "sha", "lastModified", "private", "gated", "disabled", "tags", "downloads", "likes", "cardData",
        "siblings", "createdAt", "usedStorage",
    ),
    "space": (
        "author", "sha", "lastModified", "private", "gated", "disabled", "subdomain", "tags", "likes", "sdk", "runtime",
        "createdAt", "siblings", "cardData", "usedStorage",
    ),
}  # fmt: skip
# What a list shows of each repository; `full` adds the second group.
LISTED = {
    "model": ("likes", "private", "downloads", "tags", "pipeline_tag", "library_name", "createdAt", "modelId"),
    "dataset": (
        "author",
        "disabled",
        "gated",
        "lastModified",
        "likes",
        "private",
        "sha",
        "downloads",
        "tags",
        "createdAt",
    ),
    "space": ("likes", "private", "sdk", "tags", "createdAt"),
}
LISTED_FULL = {
    "model": ("author", "gated", "lastModified", "disabled", "sha", "siblings"),
    "dataset": ("cardData", "siblings"),
    "space": ("author", "lastModified", "disabled", "gated", "sha", "cardData", "siblings"),
}


def _card_word(key: str) -> Callable[[Repo], Any]:
    def value(repo: Repo) -> Any:
        word = (repo.card or {}).get(key)
        return word if isinstance(word, str) else None

    return value


VALUES: dict[str, Callable[[Repo], Any]] = {
    "author": lambda repo: repo.owner.name,
    "cardData": lambda repo: repo.card,
    "config": lambda repo: {},
    "createdAt": lambda repo: repo.created_at,
    "datasets": lambda repo: [],
    "disabled": lambda repo: repo.disabled,
    "downloads": lambda repo: repo.downloads,
    "downloadsAllTime": lambda repo: repo.downloads,
    "gated": lambda repo: repo.gated or False,
    "lastModified": lambda repo: repo.last_modified,
    "library_name": _card_word("library_name"),
    "likes": lambda repo: repo.likes,
    "model-index": lambda repo: (repo.card or {}).get("model-index"),
    "modelId": lambda repo: repo.full_name,
    "models": lambda repo: [],
    "pipeline_tag": _card_word("pipeline_tag"),
    "private": lambda repo: repo.private,
    "runtime": lambda repo: {"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": "cpu-basic"}},
    "sdk": lambda repo: repo.sdk or "static",
    "sha": lambda repo: repo.sha,
    "spaces": lambda repo: [],
    "subdomain": lambda repo: repo.folded.replace("/", "-").replace("_", "-").replace(".", "-"),
    "tags": lambda repo: repo.tags,
    "trendingScore": lambda repo: 0,
    "usedStorage": lambda repo: repo.used_storage,
}
# Keys that the Hub leaves out when there is nothing to say.
OPTIONAL = frozenset(("cardData", "pipeline_tag", "library_name"))


def expanded(kind: str, names: Sequence[str]) -> None:
    """Refuses an unknown `expand` value with 400, as the Hub's validator words it."""
    issues = Issues()
    for index, name in enumerate(names):
        issues.option(name, EXPAND[kind], f"expand[{index}]")
    issues.raise_any()


def siblings(files: Sequence[RepoFile], blobs: bool, masked: bool) -> list[dict[str, Any]]:
    """The file list of an info body; with `blobs` sizes and ids too, the LFS hash masked for callers without access."""
    if not blobs:
        return [{"rfilename": file.path} for file in files]
    out = []
    for file in files:
        entry: dict[str, Any] = {"rfilename": file.path, "size": file.size, "blobId": file.oid}
        if file.lfs:
            entry["lfs"] = {
                "sha256": MASK if masked else file.sha256,
                "size": file.size,
                "pointerSize": len(pointer(file.sha256, file.size)),
            }
        out.append(entry)
    return out


def body(
    repo: Repo,
    keys: Sequence[str],
    files: Callable[[], list[dict[str, Any]]],
    **replaced: Any,
) -> dict[str, Any]:
    """`_id`, `id` and the given keys in their order. `files` is called only when `siblings` is wanted."""
    out: dict[str, Any] = {"_id": repo.hub_id, "id": repo.full_name}
    for key in keys:
        if key == "siblings":
            out[key] = files()
        elif key in replaced:
            out[key] = replaced[key]
        elif key in VALUES:
            value = VALUES[key](repo)
            if value is None and key in OPTIONAL:
                continue
            out[key] = value
    return out


def repo_id(full_name: str) -> tuple[str, str]:
    """Owner and name of an id that the Hub accepts, else 400 (HC §8.5)."""
    owner, slash, name = full_name.partition("/")
    for part in (owner, name):
        wrong = (
            not slash
            or not 1 <= len(part) <= 96
            or not all(letter.isascii() and (letter.isalnum() or letter in "._-") for letter in part)
            or part[0] in "-."
            or part[-1] in "-."
            or "--" in part
            or ".." in part
            or part.endswith(".git")
        )
        if wrong:
            raise Refusal(
                400, f"Invalid repo name: {full_name} - must be alphanumeric with '-', '_', '.' inside, up to 96 long"
            )
    return owner, name
