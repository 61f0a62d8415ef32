"""The doors, mounted."""

from django.urls import include, path

handler404 = "hubgate.http.failures.not_found"
handler500 = "hubgate.http.failures.failed"
urlpatterns = [
    path("accounts/", include("hubgate.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/", include("hubgate.api_urls")),
    path("", include("access.urls")),
    path("", include("hubgate.operations.urls")),
    path("", include("tagging.urls")),
    path("", include("repos.urls")),
    path("", include("hubgate.notify.urls")),
    path("", include("hubgate.http.urls")),
]
