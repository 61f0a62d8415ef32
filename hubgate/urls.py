"""The doors, mounted."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("access.urls")),
    path("", include("tagging.urls")),
    path("", include("repos.urls")),
    path("", include("hubgate.notify.urls")),
    path("", include("hubgate.http.urls")),
]
