from django.urls import path

from repos.views import form_choices, grant_days, history_files, namespaces, repositories, webhooks

app_name = "repos"
urlpatterns = [
    path("namespaces/connect/", namespaces.connect, name="connect"),
    path("namespaces/<str:name>/", namespaces.namespace, name="namespace"),
    path("namespaces/<str:name>/token-state/", namespaces.token_state, name="token-state"),
    path("namespaces/<str:name>/reading/", namespaces.reading, name="reading"),
    path("namespaces/<str:name>/token/", namespaces.replace_token, name="replace-token"),
    path("namespaces/<str:name>/check/", namespaces.check_token, name="check-token"),
    path("namespaces/<str:name>/changes/", namespaces.switch_changes, name="switch-changes"),
    path("namespaces/<str:name>/mail/", namespaces.switch_mail, name="switch-mail"),
    path("namespaces/<str:name>/webhook/", webhooks.make, name="make-webhook"),
    path("namespaces/<str:name>/webhook/remove/", webhooks.remove, name="remove-webhook"),
    path("hub/webhook/<slug:key>/", webhooks.hint, name="webhook"),
    path("namespaces/<str:name>/statistics/", namespaces.statistics, name="namespace-statistics"),
    path("namespaces/<str:name>/history/file/", history_files.of_namespace, name="namespace-history-file"),
    path("repositories/<int:repository_id>/history/file/", history_files.of_repository, name="history-file"),
    path("repositories/named/<str:name>/<str:short>/", repositories.named, name="named"),
    path("repositories/<int:repository_id>/statistics/", repositories.statistics, name="statistics"),
    path("repositories/", repositories.repositories, name="repositories"),
    path("repositories/<int:repository_id>/", repositories.repository, name="repository"),
    path("repositories/<int:repository_id>/form/", repositories.form, name="form"),
    path("repositories/<int:repository_id>/first-question/", form_choices.first_question, name="first-question"),
    path("repositories/<int:repository_id>/access-length/", grant_days.grant_days, name="grant-days"),
    path("repositories/<int:repository_id>/mirror/", repositories.mirror, name="mirror"),
    path("repositories/<int:repository_id>/history/", repositories.history, name="history"),
]
