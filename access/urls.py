from django.urls import path
from django.views.generic import RedirectView

from access.views import assignment, deciding, drift, inbox, notes, presence, reason_templates, saved, undoing

app_name = "access"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="access:inbox"), name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("drift/", drift.desk, name="drift"),
    path("drift/settle/", drift.settle, name="settle-drift"),
    path("inbox/views/", saved.views, name="views"),
    path("inbox/views/<int:pk>/rename/", saved.rename, name="view_rename"),
    path("inbox/views/<int:pk>/remove/", saved.remove, name="view_remove"),
    path("requests/<int:pk>/", inbox.request_page, name="request"),
    path("requests/<int:pk>/accept/", deciding.accept, name="accept"),
    path("requests/<int:pk>/put-back/", deciding.put_back, name="put_back"),
    path("requests/<int:pk>/reject/", deciding.reject, name="reject"),
    path("requests/<int:pk>/reset/", deciding.reset, name="reset"),
    path("requests/<int:pk>/undo/", undoing.undo, name="undo"),
    path("requests/<int:pk>/retry/", deciding.retry, name="retry"),
    path("requests/<int:pk>/notes/", notes.notes, name="notes"),
    path("requests/<int:pk>/notes/<int:note_id>/remove/", notes.remove_note, name="remove_note"),
    path("requests/<int:pk>/assign/", assignment.assign, name="assign"),
    path("requests/<int:pk>/presence/", presence.presence, name="presence"),
    path("namespaces/<str:name>/reasons/", reason_templates.reason_templates, name="reason_templates"),
    path("namespaces/<str:name>/reasons/<int:template_id>/", reason_templates.reason_template, name="reason_template"),
    path(
        "namespaces/<str:name>/reasons/<int:template_id>/remove/",
        reason_templates.remove_reason_template,
        name="remove_reason_template",
    ),
    path("repositories/<int:pk>/grant/", deciding.grant, name="grant"),
]
