from django.urls import path

from hubgate.operations.views import metrics, pages

app_name = "operations"
urlpatterns = [
    path("metrics", metrics.numbers, name="metrics"),
    path("operations/", pages.operations, name="operations"),
    path("operations/retry/", pages.retry, name="retry"),
]
