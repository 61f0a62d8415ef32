"""Named reads of access requests."""

from access.queries import drift
from access.queries.beside import Beside, Other, Viewer, beside, meanwhile, notes, reviewers, stand, viewers
from access.queries.counts import COUNT_UP_TO, Count, Tally, count, tally, waiting
from access.queries.facets import SAMPLE, Facets, facets
from access.queries.filters import ME, NOBODY, Filter, matching
from access.queries.lists import PAGE, Page, Row, page
from access.queries.mirror import (
    ListState,
    MirrorState,
    Pace,
    any_partial,
    last_read_at,
    mirror_state,
    pace,
    pushes_waiting,
    waiting_by_repository,
    walks_by_repository,
)
from access.queries.progress import ReadingProgress, reading_progress
from access.queries.reason_templates import (
    Filled,
    ask_to_complete,
    count_reason_templates,
    reason_templates,
    reasons_for,
)
from access.queries.request import (
    Detail,
    Earlier,
    HubState,
    detail,
    get_decidable,
    get_request,
    hub_state,
    next_after,
    past_answered,
    undoable,
)
from access.queries.saved_views import get_view, saved_views
from access.queries.scope import Decided, scope

__all__ = [
    "Beside",
    "Other",
    "Viewer",
    "beside",
    "notes",
    "reviewers",
    "viewers",
    "meanwhile",
    "stand",
    "Filled",
    "ask_to_complete",
    "count_reason_templates",
    "reason_templates",
    "reasons_for",
    "drift",
    "COUNT_UP_TO",
    "Count",
    "Tally",
    "count",
    "tally",
    "waiting",
    "SAMPLE",
    "Facets",
    "facets",
    "ME",
    "NOBODY",
    "Filter",
    "matching",
    "PAGE",
    "Page",
    "Pace",
    "Row",
    "page",
    "pace",
    "any_partial",
    "ReadingProgress",
    "reading_progress",
    "Decided",
    "scope",
    "get_view",
    "saved_views",
    "Detail",
    "Earlier",
    "HubState",
    "detail",
    "get_decidable",
    "get_request",
    "hub_state",
    "next_after",
    "past_answered",
    "undoable",
    "ListState",
    "MirrorState",
    "mirror_state",
    "waiting_by_repository",
    "walks_by_repository",
    "last_read_at",
    "pushes_waiting",
]
