from django.urls import path

from hubgate.http import health, pages

app_name = "web"
urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("preferences/", pages.preferences, name="preferences"),
    path("keys/", pages.keys, name="keys"),
    path("_components/", pages.components, name="components"),
    path("_components/dialog/", pages.components_dialog, name="components-dialog"),
    path("_components/inbox/", pages.components_inbox, name="components-inbox"),
]
