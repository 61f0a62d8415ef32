from django.urls import path

from hubgate.operations.api import operations

urlpatterns = [
    path("operations", operations.Operations.as_view(), name="operations"),
    path("operations/retry", operations.Retry.as_view(), name="operations-retry"),
]
