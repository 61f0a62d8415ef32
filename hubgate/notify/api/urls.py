from django.urls import path

from hubgate.notify.api import notifications

urlpatterns = [
    path("notifications", notifications.Notifications.as_view(), name="notifications"),
    path("notifications/read", notifications.MarkRead.as_view(), name="mark-read"),
]
