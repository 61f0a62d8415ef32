"""Routes of the pages. `repository_routes` go under each type's prefix, models last (HC §1)."""

from django.urls import path, re_path

from hubgate.localhub import oidc_views
from hubgate.localhub.pages import community, home, hooks, repository, reviews, revisions

REPO = r"(?P<full_name>[^/]+/[^/]+)"

repository_routes = [
    re_path(f"^{REPO}$", repository.show),
    re_path(f"^{REPO}/view-content$", repository.view_content),
    re_path(f"^{REPO}/user-access-request/cancel$", repository.cancel),
    re_path(f"^{REPO}/commits/(?P<revision>.+)$", revisions.commits),
    re_path(f"^{REPO}/commit/(?P<oid>[0-9a-f]{{40}})$", revisions.commit),
    re_path(f"^{REPO}/discussions$", community.index),
    re_path(f"^{REPO}/discussions/(?P<num>[0-9]{{1,9}})$", community.one),
    re_path(f"^{REPO}/settings$", reviews.settings),
    re_path(f"^{REPO}/settings/rename$", reviews.rename),
    re_path(f"^{REPO}/settings/requests$", reviews.requests),
    re_path(f"^{REPO}/settings/requests/grant$", reviews.grant),
]

urlpatterns = [
    *oidc_views.urlpatterns,
    *home.urlpatterns,
    path("settings/gated-repos", repository.own_requests),
    path("settings/webhooks", hooks.index),
]
