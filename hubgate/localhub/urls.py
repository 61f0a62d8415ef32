"""Routes of the local Hub. Web routes of models have no prefix, so they come last (HC §1)."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path

from hubgate.localhub import answers, messages
from hubgate.localhub.messages import Refusal
from hubgate.localhub.pages.urls import repository_routes
from hubgate.localhub.views import access, commits, discussions, files, lfs, repos, webhooks

TYPES = "(?P<types>models|datasets|spaces)"
REPO = r"(?P<full_name>[^/]+/[^/]+)"
API = f"^api/{TYPES}/{REPO}"
WEBHOOK = "^api/settings/webhooks/(?P<hub_id>[0-9a-f]{24})"
DISCUSSION = f"{API}/discussions/(?P<num>[0-9]{{1,9}})"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answers.refusal(request, Refusal(404, messages.NO_PAGE))


handler404 = not_found

web = [
    re_path(f"^{REPO}/resolve/.+$", files.resolve),
    re_path(f"^{REPO}/raw/.+$", files.raw),
    re_path(f"^{REPO}/blob/.+$", files.blob),
    re_path(rf"^{REPO}\.git/info/lfs/objects/batch$", lfs.batch),
    re_path(rf"^{REPO}\.git/info/lfs/objects/verify$", lfs.verify),
    re_path(f"^{REPO}/ask-access$", access.ask),
    re_path(f"^{REPO}/user-access-report$", access.report),
    *repository_routes,
]

urlpatterns = [
    path("_control/", include("hubgate.localhub.views.control")),
    path("api/whoami-v2", access.whoami),
    path("api/agent-harnesses", repos.agent_harnesses),
    path("api/repos/create", repos.create),
    path("api/repos/move", repos.move),
    path("api/repos/delete", repos.delete),
    re_path(f"^api/{TYPES}$", repos.listing),
    re_path(f"{API}/user-access-request/handle$", access.handle),
    re_path(f"{API}/user-access-request/batch$", access.batch),
    re_path(f"{API}/user-access-request/grant$", access.grant),
    re_path(f"{API}/user-access-request/cancel$", access.cancel),
    re_path(f"{API}/user-access-request/(?P<status>[^/]+)$", access.listing),
    re_path(f"{API}/settings$", access.settings),
    re_path(f"{API}/auth-check$", access.auth_check),
    re_path(f"{API}/auth-check/write$", access.auth_check, {"write": True}),
    re_path(f"{API}$", repos.info),
    re_path(f"{API}/revision/(?P<revision>.+)$", repos.info),
    re_path(f"{API}/tree/.+$", files.tree),
    re_path(f"{API}/paths-info/(?P<revision>.+)$", files.paths_info),
    re_path(f"{API}/refs$", files.refs),
    re_path(f"{API}/commits/(?P<revision>.+)$", files.commits),
    path("api/settings/webhooks", webhooks.index),
    re_path(f"{WEBHOOK}$", webhooks.one),
    re_path(f"{WEBHOOK}/(?P<verb>enable|disable)$", webhooks.switch),
    re_path(f"{WEBHOOK}/replay/(?P<log_id>[0-9a-f]{{24}})$", webhooks.replay),
    path("api/validate-yaml", commits.validate_yaml),
    re_path(f"{API}/preupload/(?P<revision>.+)$", commits.preupload),
    re_path(f"{API}/commit/(?P<revision>.+)$", commits.commit),
    re_path(f"{API}/discussions$", discussions.index),
    re_path(f"{DISCUSSION}$", discussions.details),
    re_path(f"{DISCUSSION}/comment$", discussions.comment),
    re_path(f"{DISCUSSION}/comment/(?P<comment_id>[0-9A-Fa-f]+)/edit$", discussions.edit),
    re_path(f"{DISCUSSION}/comment/(?P<comment_id>[0-9A-Fa-f]+)/hide$", discussions.hide),
    re_path(f"{DISCUSSION}/status$", discussions.status),
    re_path(f"{DISCUSSION}/title$", discussions.title),
    re_path(f"{DISCUSSION}/merge$", discussions.merge),
    re_path(r"^lfs-objects/(?P<ticket>[^/]+)$", lfs.put),
    re_path(f"^api/resolve-cache/{TYPES}/{REPO}/.+$", files.resolve_cache),
    path("", include("hubgate.localhub.pages.urls")),
    path("datasets/", include((web, "dataset")), {"kind": "dataset"}),
    path("spaces/", include((web, "space")), {"kind": "space"}),
    path("", include((web, "model")), {"kind": "model"}),
]
