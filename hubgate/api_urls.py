"""The REST door, mounted under /api/."""

from django.urls import include, path

from hubgate.accounts.api import Me
from hubgate.http.rest import docs

app_name = "api"
urlpatterns = [
    path("docs", docs.docs, name="docs"),
    path("v1/schema", docs.Schema.as_view(), name="schema"),
    path("v1/me", Me.as_view(), name="me"),
    path("v1/", include("repos.api.urls")),
    path("v1/", include("tagging.api.urls")),
    path("v1/", include("access.api.urls")),
    path("v1/", include("hubgate.notify.api.urls")),
]
