from django.urls import path

from access.api import bulk, deciding, drift, ending, notes, own, requests

urlpatterns = [
    path("requests", requests.Requests.as_view(), name="requests"),
    path("requests/counts", requests.RequestCounts.as_view(), name="request-counts"),
    path("requests/<int:request_id>", requests.OneRequest.as_view(), name="request"),
    path("requests/<int:request_id>/decide", deciding.Decide.as_view(), name="decide"),
    path("requests/<int:request_id>/extend", ending.Extend.as_view(), name="extend"),
    path("requests/<int:request_id>/refuse-renewal", ending.RefuseRenewal.as_view(), name="refuse-renewal"),
    path("my/requests", own.OwnRequests.as_view(), name="my-requests"),
    path("my/requests/<int:request_id>/withdraw", own.Withdraw.as_view(), name="my-withdraw"),
    path("my/requests/<int:request_id>/renew", own.Renew.as_view(), name="my-renew"),
    path("check", own.Check.as_view(), name="check"),
    path("requests/<int:request_id>/undo", deciding.Undo.as_view(), name="undo"),
    path("requests/<int:request_id>/retry", deciding.Retry.as_view(), name="retry"),
    path("requests/<int:request_id>/assign", deciding.Assign.as_view(), name="assign"),
    path("requests/<int:request_id>/notes", notes.Notes.as_view(), name="notes"),
    path("notes/<int:note_id>", notes.OneNote.as_view(), name="note"),
    path("repositories/<int:repository_id>/grant", deciding.Grant.as_view(), name="grant"),
    path("bulk-decisions", bulk.BulkDecisions.as_view(), name="bulk-decisions"),
    path("bulk-decisions/<uuid:key>", bulk.OneBulkDecision.as_view(), name="bulk-decision"),
    path("bulk-decisions/<uuid:key>/results", bulk.BulkResults.as_view(), name="bulk-results"),
    path("bulk-decisions/<uuid:key>/start", bulk.StartBulk.as_view(), name="bulk-start"),
    path("bulk-decisions/<uuid:key>/cancel", bulk.CancelBulk.as_view(), name="bulk-cancel"),
    path("drift", drift.Drifts.as_view(), name="drift"),
    path("drift/<int:drift_id>/settle", drift.SettleDrift.as_view(), name="settle-drift"),
]
