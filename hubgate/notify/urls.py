from django.urls import path

from hubgate.notify import views

app_name = "notify"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.mark_all_read, name="mark-all-read"),
    path("mail/", views.mail, name="mail"),
]
