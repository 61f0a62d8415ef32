"""What the app keeps: access requests with all that belongs to them, and release plans."""

from access.models.release import ReleasePlan, Stage, StageEntry, StageGo
from access.models.requests import (
    AccessRequest,
    BulkDecision,
    BulkRow,
    Drift,
    ListWalk,
    Note,
    OddRow,
    PastAnswers,
    ReasonTemplate,
    Renewal,
    RequestMirror,
    SavedView,
    Viewing,
)

__all__ = [
    "AccessRequest",
    "BulkDecision",
    "BulkRow",
    "Drift",
    "ListWalk",
    "Note",
    "OddRow",
    "PastAnswers",
    "ReasonTemplate",
    "ReleasePlan",
    "Renewal",
    "RequestMirror",
    "SavedView",
    "Stage",
    "StageEntry",
    "StageGo",
    "Viewing",
]
