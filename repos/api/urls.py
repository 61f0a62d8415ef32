from django.urls import path

from repos.api import events, people, repositories

urlpatterns = [
    path("repositories", repositories.Repositories.as_view(), name="repositories"),
    path("repositories/<int:repository_id>", repositories.OneRepository.as_view(), name="repository"),
    path("namespaces/<str:name>/people", people.People.as_view(), name="people"),
    path("namespaces/<str:name>/people/<int:role_id>/end", people.EndRole.as_view(), name="end-role"),
    path("events", events.Events.as_view(), name="events"),
]
