from django.urls import path

from hubgate.accounts import views

app_name = "accounts"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke-token"),
    path("sessions/<int:session_id>/end/", views.end_session, name="end-session"),
]
