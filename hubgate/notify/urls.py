from django.urls import path

from hubgate.notify.views import notices, preferences

app_name = "notify"
urlpatterns = [
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.mark_all_read, name="mark-all-read"),
    path("notices/<int:notification_id>/read/", notices.mark_read, name="mark-read"),
    path("notices/settings/", preferences.preferences_page, name="settings"),
    path("notices/settings/exceptions/", preferences.add_exception, name="add-exception"),
    path("notices/settings/exceptions/<int:choice_id>/remove/", preferences.remove_exception, name="remove-exception"),
    path("notices/previews/", preferences.previews, name="previews"),
    path("notices/test/", preferences.send_test, name="send-test"),
    path("mail/", notices.mail, name="mail"),
]
