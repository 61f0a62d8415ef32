from django.urls import path

from access.api import bulk, deciding, drift, notes, release, requests

urlpatterns = [
    path("requests", requests.Requests.as_view(), name="requests"),
    path("requests/counts", requests.RequestCounts.as_view(), name="request-counts"),
    path("requests/<int:request_id>", requests.OneRequest.as_view(), name="request"),
    path("requests/<int:request_id>/decide", deciding.Decide.as_view(), name="decide"),
    path("requests/<int:request_id>/undo", deciding.Undo.as_view(), name="undo"),
    path("requests/<int:request_id>/retry", deciding.Retry.as_view(), name="retry"),
    path("requests/<int:request_id>/assign", deciding.Assign.as_view(), name="assign"),
    path("requests/<int:request_id>/notes", notes.Notes.as_view(), name="notes"),
    path("notes/<int:note_id>", notes.OneNote.as_view(), name="note"),
    path("repositories/<int:repository_id>/grant", deciding.Grant.as_view(), name="grant"),
    path("repositories/<int:repository_id>/release", release.Release.as_view(), name="release"),
    path("repositories/<int:repository_id>/release/go", release.Go.as_view(), name="release-go"),
    path("repositories/<int:repository_id>/release/advance", release.Advance.as_view(), name="release-advance"),
    path("repositories/<int:repository_id>/release/step-back", release.StepBack.as_view(), name="release-step-back"),
    path("repositories/<int:repository_id>/release/recall", release.Recall.as_view(), name="release-recall"),
    path("repositories/<int:repository_id>/release/reopen", release.Reopen.as_view(), name="release-reopen"),
    path("repositories/<int:repository_id>/release/gate", release.Gate.as_view(), name="release-gate"),
    path("bulk-decisions", bulk.BulkDecisions.as_view(), name="bulk-decisions"),
    path("bulk-decisions/<uuid:key>", bulk.OneBulkDecision.as_view(), name="bulk-decision"),
    path("bulk-decisions/<uuid:key>/results", bulk.BulkResults.as_view(), name="bulk-results"),
    path("bulk-decisions/<uuid:key>/start", bulk.StartBulk.as_view(), name="bulk-start"),
    path("bulk-decisions/<uuid:key>/cancel", bulk.CancelBulk.as_view(), name="bulk-cancel"),
    path("drift", drift.Drifts.as_view(), name="drift"),
    path("drift/<int:drift_id>/settle", drift.SettleDrift.as_view(), name="settle-drift"),
]
