from django.urls import path

from repos.api import events, repositories

urlpatterns = [
    path("repositories", repositories.Repositories.as_view(), name="repositories"),
    path("repositories/<int:repository_id>", repositories.OneRepository.as_view(), name="repository"),
    path("events", events.Events.as_view(), name="events"),
]
