from django.urls import path

from hubgate.http import pages

app_name = "web"
urlpatterns = [
    path("preferences/", pages.preferences, name="preferences"),
    path("keys/", pages.keys, name="keys"),
    path("_components/", pages.components, name="components"),
    path("_components/dialog/", pages.components_dialog, name="components-dialog"),
    path("_components/inbox/", pages.components_inbox, name="components-inbox"),
]
