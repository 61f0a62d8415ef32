"""The doors, mounted."""

from django.urls import include, path

handler500 = "hubgate.http.failures.failed"
urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("access.urls")),
    path("", include("tagging.urls")),
    path("", include("repos.urls")),
    path("", include("hubgate.notify.urls")),
    path("", include("hubgate.http.urls")),
]
