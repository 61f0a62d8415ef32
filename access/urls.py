from django.urls import path
from django.views.generic import RedirectView

from access.views import deciding, inbox, undelivered

app_name = "access"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="access:inbox"), name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("requests/<int:pk>/", inbox.request_page, name="request"),
    path("requests/<int:pk>/accept/", deciding.accept, name="accept"),
    path("requests/<int:pk>/put-back/", deciding.put_back, name="put_back"),
    path("requests/<int:pk>/reject/", deciding.reject, name="reject"),
    path("requests/<int:pk>/reset/", deciding.reset, name="reset"),
    path("requests/<int:pk>/retry/", deciding.retry, name="retry"),
    path("repositories/<int:pk>/grant/", deciding.grant, name="grant"),
    path("undelivered/", undelivered.undelivered, name="undelivered"),
    path("undelivered/<int:delivery_id>/again/", undelivered.send_again, name="send-mail-again"),
    path("undelivered/<int:delivery_id>/aside/", undelivered.set_aside, name="set-mail-aside"),
]
