from django.urls import path
from django.views.generic import RedirectView

from access.views import bulk, deciding, inbox

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
    path("bulk/", bulk.bulks, name="bulks"),
    path("bulk/<uuid:key>/", bulk.show, name="bulk"),
    path("bulk/<uuid:key>/start/", bulk.start, name="bulk_start"),
    path("bulk/<uuid:key>/cancel/", bulk.cancel, name="bulk_cancel"),
    path("repositories/<int:pk>/grant/", deciding.grant, name="grant"),
]
