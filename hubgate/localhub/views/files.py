"""Files and revisions: resolve, raw, blob, tree, paths-info, refs, commits (HC §1.7, §8)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from hubgate.localhub import answers, blobs, callers, infos, messages, reads, rights
from hubgate.localhub.callers import Caller
from hubgate.localhub.messages import Refusal
from hubgate.localhub.models import Commit, Ref, Repo, RepoFile
from hubgate.localhub.views.access import page_url

CHUNK = 256 * 1024
TREE_PAGE, TREE_PAGE_EXPANDED = 1000, 100
MAX_PATHS = 2000
RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def revision_and_path(request: HttpRequest) -> tuple[str, str]:
    """Revision and path after `owner/name/<route>/`; a revision's slashes come percent-encoded (HC §8.1)."""
    sent = answers.raw_uri(request).partition("?")[0]
    before = 5 if sent.startswith("/api/") else 4 if sent.startswith(("/datasets/", "/spaces/")) else 3
    rest = sent.split("/", before + 1)[-1]
    revision, _, path = rest.partition("/")
    # A full ref may also be written with its slashes.
    if unquote(revision) == "refs" and (found := re.match(r"(refs/(?:heads|pr|convert|tags)/[^/]+)(?:/(.*))?$", rest)):
        revision, path = found.group(1), found.group(2) or ""
    return unquote(revision), unquote(path)


def _serve(request: HttpRequest, repo: Repo, head: Commit, file: RepoFile) -> HttpResponseBase:
    """The file's bytes or a part of them, with the headers that the client reads (HC §8.2)."""
    etag = file.sha256 if file.lfs else file.oid
    name = Path(file.path).name
    headers = {
        "X-Repo-Commit": head.oid,
        "ETag": f'"{etag}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}; filename=\"{_ascii(name)}\";",
    }
    if file.lfs:
        headers |= {"X-Linked-Size": str(file.size), "X-Linked-Etag": f'"{file.sha256}"'}
    if answers.matches(request, headers["ETag"]):
        response: HttpResponseBase = HttpResponse(status=304)
        headers.pop("Content-Disposition")
    else:
        status, first, last = _range(request, file.size)
        length = last - first + 1
        headers["Content-Length"] = str(length)
        if status == 206:
            headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
        content = iter(()) if request.method == "HEAD" else _bytes(blobs.path_of(file.sha256), first, length)
        kind = "application/octet-stream" if file.lfs else answers.TEXT
        response = StreamingHttpResponse(content, status=status, content_type=kind)
    for key, value in headers.items():
        response[key] = value
    return response


def _ascii(name: str) -> str:
    return re.sub(r'[^\x20-\x7e]|["\\]', "_", name)


def _range(request: HttpRequest, size: int) -> tuple[int, int, int]:
    """Status, first and last byte of a `Range` header; 416 for one that starts behind the end."""
    found = RANGE.fullmatch(request.META.get("HTTP_RANGE", ""))
    if found is None or found.groups() == ("", ""):
        return 200, 0, size - 1
    start, end = found.groups()
    first = int(start) if start else max(size - int(end), 0)
    last = min(int(end), size - 1) if start and end else size - 1
    if first > last:
        raise Refusal(416, "Range Not Satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return 206, first, last


def _bytes(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK, length))):
            length -= len(chunk)
            yield chunk


def _gated(request: HttpRequest, repo: Repo, caller: Caller) -> None:
    refused = rights.gate(caller, repo, page_url(request, repo))
    if refused is not None:
        raise refused


@require_safe
def resolve(request: HttpRequest, kind: str, full_name: str) -> HttpResponseBase:
    """A file. On a gated repository a few files of the root are open to all (HC §1.7); gate before existence."""
    caller = callers.either(request)
    repo = reads.repo(kind, full_name, caller)
    revision, path = revision_and_path(request)
    if path not in rights.OPEN_FILES:
        _gated(request, repo, caller)
    head = reads.commit(repo, revision)
    file = reads.file(head, path)
    if caller.person is None and not repo.gated and not file.lfs:
        return _to_cache(request, repo, head, file)
    return _serve(request, repo, head, file)


def _to_cache(request: HttpRequest, repo: Repo, head: Commit, file: RepoFile) -> HttpResponse:
    """307 for strangers on public repositories: small files come from a cacheable address (HC §8.2)."""
    target = f"/api/resolve-cache/{repo.type}s/{repo.full_name}/{head.oid}/{quote(file.path)}"
    response = answers.text(f"Temporary Redirect. Redirecting to {target}", 307)
    response["Location"] = target
    response["X-Repo-Commit"] = head.oid
    response["X-Linked-Size"] = str(file.size)
    response["X-Linked-Etag"] = f'"{file.oid}"'
    return response


@require_safe
def resolve_cache(request: HttpRequest, types: str, full_name: str) -> HttpResponseBase:
    """Where `resolve` sends strangers; gated like `resolve` itself."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    raw = answers.raw_uri(request).partition("?")[0].split("/", 6)[6]
    revision, _, path = raw.partition("/")
    path = unquote(path)
    if path not in rights.OPEN_FILES:
        _gated(request, repo, caller)
    head = reads.commit(repo, unquote(revision))
    return _serve(request, repo, head, reads.file(head, path))


@require_safe
def raw(request: HttpRequest, kind: str, full_name: str) -> HttpResponseBase:
    """A file as git has it: for an LFS file its pointer. No file is exempt from the gate here."""
    caller = callers.bearer(request)
    repo = reads.repo(kind, full_name, caller)
    revision, path = revision_and_path(request)
    _gated(request, repo, caller)
    head = reads.commit(repo, revision)
    file = reads.file(head, path)
    if not file.lfs:
        return _serve(request, repo, head, file)
    response = HttpResponse(blobs.pointer(file.sha256, file.size), content_type=answers.TEXT)
    response["ETag"] = f'"{file.oid}"'
    response["X-Repo-Commit"] = head.oid
    return response


@require_safe
def blob(request: HttpRequest, kind: str, full_name: str) -> HttpResponse:
    """A file's page. Pages ignore tokens; the root README.md is shown to anyone."""
    caller = callers.session(request)
    repo = reads.repo(kind, full_name, caller)
    revision, path = revision_and_path(request)
    if path != "README.md":
        _gated(request, repo, caller)
    head = reads.commit(repo, revision)
    file = reads.file(head, path)
    shown = "" if file.lfs else html.escape(blobs.read(file.sha256).decode(errors="replace"))
    title = html.escape(f"{file.path} · {repo.full_name}")
    page = f"<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1><pre>{shown}</pre></html>"
    return HttpResponse(page, content_type=answers.HTML)


def _entry(file: RepoFile, masked: bool, expand: bool) -> dict[str, Any]:
    """A file as tree and paths-info write it (HC §8.4): LFS and Xet hashes masked for callers without access."""
    out: dict[str, Any] = {"type": "file", "oid": file.oid, "size": file.size}
    if file.lfs:
        out["lfs"] = {
            "oid": infos.MASK if masked else file.sha256,
            "size": file.size,
            "pointerSize": len(blobs.pointer(file.sha256, file.size)),
        }
    if file.xet_hash:
        out["xetHash"] = infos.MASK if masked else file.xet_hash
    out["path"] = file.path
    if expand:
        changed = file.changed_in or file.commit
        out["lastCommit"] = {"id": changed.oid, "title": changed.title, "date": changed.date}
        out["securityFileStatus"] = {
            "status": "safe", "avScan": {"status": "safe"}, "pickleImportScan": None,
        }  # fmt: skip
    return out


def _folders(files: list[RepoFile], commit: Commit, expand: bool) -> dict[str, dict[str, Any]]:
    ids = blobs.tree_ids((file.path, file.oid) for file in files)
    out = {}
    for path, oid in ids.items():
        if path:
            out[path] = {"type": "directory", "oid": oid, "size": 0, "path": path}
            if expand:
                out[path]["lastCommit"] = {"id": commit.oid, "title": commit.title, "date": commit.date}
    return out


@require_safe
def tree(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """Files and folders below a path: folders first, then files, each by name; deep with `recursive` (HC §8.4)."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    revision, folder = revision_and_path(request)
    folder = folder.strip("/")
    head = reads.commit(repo, revision)
    recursive = request.GET.get("recursive", "").lower() in ("1", "true")
    expand = request.GET.get("expand", "").lower() in ("1", "true")
    files = list(head.files.select_related("changed_in", "commit").order_by("path"))
    folders = _folders(files, head, expand)
    if folder and folder not in folders:
        raise messages.entry_not_found(head.oid)
    prefix = f"{folder}/" if folder else ""
    masked = rights.gate(caller, repo, "") is not None

    def inside(path: str) -> bool:
        return path.startswith(prefix) and (recursive or "/" not in path[len(prefix) :])

    entries = [folders[path] for path in sorted(folders) if inside(path)]
    entries += [_entry(file, masked, expand) for file in files if inside(file.path)]
    size = TREE_PAGE_EXPANDED if expand else TREE_PAGE
    start = 0
    if request.GET.get("cursor"):
        start = int(reads.decode_cursor(request.GET["cursor"], int)[0])
    response = answers.json(request, entries[start : start + size])
    if start + size < len(entries):
        base = f"{answers.origin(request)}{answers.raw_uri(request).partition('?')[0]}"
        response["Link"] = reads.next_link(base, request.GET.dict(), reads.encode_cursor(start + size))
    return response


@csrf_exempt
@require_POST
def paths_info(request: HttpRequest, types: str, full_name: str, revision: str) -> HttpResponse:
    """Entries for named paths, form-encoded or JSON; unknown paths are left out."""
    caller = callers.bearer(request)
    repo = reads.repo(reads.TYPES[types], full_name, caller)
    head = reads.commit(repo, revision)
    if request.content_type == "application/json":
        body = answers.body_json(request)
        if not isinstance(body, dict):
            raise Refusal(400, "✖ Invalid input: expected object")
        given = body.get("paths", [])
        paths, expand = (given if isinstance(given, list) else [given]), bool(body.get("expand"))
    else:
        paths, expand = request.POST.getlist("paths"), request.POST.get("expand", "").lower() in ("1", "true")
    if len(paths) > MAX_PATHS:
        raise Refusal(400, f"✖ Too big: expected array to have <={MAX_PATHS} items\n  → at paths")
    files = list(head.files.select_related("changed_in", "commit").order_by("path"))
    masked = rights.gate(caller, repo, "") is not None
    entries = _folders(files, head, expand)
    entries |= {file.path: _entry(file, masked, expand) for file in files}
    wanted = [str(path).strip("/") for path in paths]
    return answers.json(request, [entries[path] for path in dict.fromkeys(wanted) if path in entries])


@require_safe
def refs(request: HttpRequest, types: str, full_name: str) -> HttpResponse:
    """Branches, converts and tags; pull requests only when asked for."""
    repo = reads.repo(reads.TYPES[types], full_name, callers.bearer(request))
    out: dict[str, list[dict[str, str]]] = {"branches": [], "converts": [], "tags": []}
    if request.GET.get("include_prs") or request.GET.get("include_pull_requests"):
        out["pullRequests"] = []
    for ref in Ref.objects.filter(repo=repo).select_related("commit").order_by("ref"):
        if ref.kind in out:
            out[ref.kind].append({"name": ref.name, "ref": ref.ref, "targetCommit": ref.commit.oid})
    return answers.json(request, out)


@require_safe
def commits(request: HttpRequest, types: str, full_name: str, revision: str) -> HttpResponse:
    """The commits of a revision, newest first."""
    repo = reads.repo(reads.TYPES[types], full_name, callers.bearer(request))
    commit: Commit | None = reads.commit(repo, revision)
    by_id = {row.pk: row for row in repo.commits.all()}
    out = []
    while commit is not None:
        out.append(
            {
                "id": commit.oid,
                "title": commit.title,
                "message": commit.message,
                "authors": [{"user": commit.author}],
                "date": commit.date,
            }
        )
        commit = by_id.get(commit.parent_id) if commit.parent_id else None
    return answers.json(request, out)
