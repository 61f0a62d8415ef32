"""Named reads of access requests."""

from access.queries.counts import COUNT_UP_TO, Count, Tally, count, tally, waiting
from access.queries.facets import SAMPLE, Facets, facets
from access.queries.filters import ME, NOBODY, Filter, matching
from access.queries.lists import PAGE, Page, Row, page
from access.queries.mirror import (
    ListState,
    MirrorState,
    last_read_at,
    mirror_state,
    pushes_waiting,
    waiting_by_repository,
    walks_by_repository,
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
)
from access.queries.saved_views import get_view, saved_views
from access.queries.scope import Decided, scope

__all__ = [
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
    "Row",
    "page",
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
    "ListState",
    "MirrorState",
    "mirror_state",
    "waiting_by_repository",
    "walks_by_repository",
    "last_read_at",
    "pushes_waiting",
]
