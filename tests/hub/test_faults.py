"""A Hub, or a network, that misbehaves: every call ends in time, with an error that says what may have happened."""

from __future__ import annotations

import gzip
import json
import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from hubgate.hub.client import HubClient
from hubgate.hub.errors import BadAnswer, BrokenOff, HubUnreachable, RateLimited, RepoMoved, TimedOut
from hubgate.hub.transport import Timeouts
from hubgate.hub.types import RequestTarget
from tests.hub.conftest import SHORT, TOKEN
from tests.hub.scripted import answer, cut, drip, elapsed, hang, hang_up, scripted_hub, web_page

REPO = ("models", "aurora-lab/tiny-gated")
JORDAN = RequestTarget(username="jordan")
ROWS = [{"requestId": f"r{n}", "timestamp": "2026-10-05T11:22:33Z", "fields": {"Why": "private"}} for n in range(20)]
PAGE = json.dumps(ROWS).encode()


def read(client):
    return list(client.access_requests(*REPO, "pending"))


def decide(client):
    return client.handle(*REPO, JORDAN, "rejected", reason="no")


@pytest.mark.parametrize(("call", "unknown"), [(read, False), (decide, True)])
@pytest.mark.parametrize("play", [hang, drip(head=True), drip(head=False)], ids=["hang", "slow head", "slow body"])
def test_a_hub_that_does_not_end_is_left_in_time(hub, hasty, play, call, unknown):
    hub.then(play)
    start = time.monotonic()
    with pytest.raises(TimedOut, match="in time") as caught:
        call(hasty)
    assert elapsed(start) < SHORT.total + 3
    assert (caught.value.temporary, caught.value.outcome_unknown) == (True, unknown)


def test_the_deadline_also_cuts_a_single_long_wait(hub, budget):
    hub.then(hang)
    start = time.monotonic()
    with pytest.raises(TimedOut, match="in time"):
        read(HubClient(hub.origin, TOKEN, budget, timeouts=Timeouts(total=0.4)))
    assert elapsed(start) < 3


def test_the_next_call_after_a_hang_is_not_disturbed(hub, hasty):
    hub.then(hang, answer(200, ROWS))
    with pytest.raises(HubUnreachable):
        read(hasty)
    assert read(hasty)[0].raw_count == 20


def test_a_hub_that_is_not_there(budget):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = HubClient(f"http://127.0.0.1:{taken.getsockname()[1]}", TOKEN, budget, timeouts=SHORT)
        with pytest.raises(HubUnreachable, match="cannot be reached") as caught:
            decide(client)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(("call", "unknown"), [(read, False), (decide, True)])
@pytest.mark.parametrize(
    ("play", "error"),
    [
        (hang_up, BrokenOff),
        (cut(PAGE[:300], len(PAGE)), BrokenOff),
        (answer(200, PAGE[:300]), BadAnswer),
        (answer(200, b""), BadAnswer),
        (web_page(), BadAnswer),
        (web_page(403), BadAnswer),
        (answer(200, PAGE, {"content-type": "text/plain"}), BadAnswer),
        (answer(200, PAGE, {"content-type": ""}), BadAnswer),
        (answer(200, b"no gzip", {"content-encoding": "gzip"}), BadAnswer),
        (answer(500, {"error": "oh"}), HubUnreachable),
        (answer(502, b"<html>", {"content-type": "text/html"}), HubUnreachable),
        (answer(503, b"", {"retry-after": "3"}), HubUnreachable),
        (answer(408, {"error": "slow"}), HubUnreachable),
    ],
)
def test_faults_of_the_wire(hub, client, play, error, call, unknown):
    hub.then(play)
    with pytest.raises(error) as caught:
        call(client)
    assert type(caught.value) is error
    assert (caught.value.temporary, caught.value.outcome_unknown) == (True, unknown)
    assert "private" not in str(caught.value)
    assert len(hub.asked) == 1


def test_packed_answers_are_unpacked(hub, client):
    hub.then(answer(200, gzip.compress(PAGE), {"content-encoding": "gzip"}))
    assert read(client)[0].raw_count == 20


def test_a_packed_flood_is_stopped(hub, client):
    flood = gzip.compress(b" " * (80 * 2**20), 1)
    hub.then(answer(200, flood, {"content-encoding": "gzip"}))
    with pytest.raises(BadAnswer, match="longer than"):
        read(client)


def test_another_origin_is_not_visited(hub, client):
    with scripted_hub() as elsewhere:
        target = f"{elsewhere.origin}/api/models/{REPO[1]}/user-access-request/pending"
        hub.then(*[answer(status, b"", {"location": target}) for status in (301, 302, 303, 307, 308)])
        hub.then(answer(307, b"", {"location": target}))
        hub.then(answer(200, ROWS, {"link": f'<{target}>; rel="next"'}))
        for _ in range(5):
            with pytest.raises(BadAnswer, match="another site"):
                read(client)
        with pytest.raises(BadAnswer, match="another site") as caught:
            decide(client)
        assert caught.value.outcome_unknown
        with pytest.raises(BadAnswer, match="another site"):
            read(client)
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "target", ["", "//elsewhere.example/x", "http://user@{host}/x", "http://[", "file:///etc/passwd"]
)
def test_odd_redirects_are_not_followed(hub, client, target):
    hub.then(answer(302, b"", {"location": target.format(host=hub.origin.removeprefix("http://"))}))
    with pytest.raises(BadAnswer):
        read(client)
    assert len(hub.asked) == 1


def test_a_redirect_to_a_login_page_is_no_page(hub, client):
    hub.then(answer(302, b"", {"location": "/login?next=x"}), web_page())
    with pytest.raises(BadAnswer, match="text/html"):
        read(client)


def test_a_redirect_in_circles_ends(hub, client):
    hub.then(*[answer(302, b"", {"location": "/login"})] * 10)
    with pytest.raises(BadAnswer, match="circles"):
        read(client)
    assert len(hub.asked) < 6


def test_a_renamed_repository_tells_its_new_name(hub, client):
    def renamed(rest=""):
        return answer(307, b"", {"location": f"{hub.origin}/api/models/aurora-lab/tiny-two{rest}"})

    hub.then(renamed("/user-access-request/pending?limit=1000"), renamed("/user-access-request/handle"))
    for call in (read, decide):
        with pytest.raises(RepoMoved) as caught:
            call(client)
        assert caught.value.new_id == "aurora-lab/tiny-two"
        assert not caught.value.outcome_unknown
    assert len(hub.asked) == 2


def test_info_of_a_renamed_repository_is_of_the_new_one(hub, client):
    hub.then(
        answer(307, b"", {"location": "/api/models/new-lab/tiny?expand=gated"}),
        answer(200, {"_id": "1", "id": "new-lab/tiny"}),
    )
    assert client.repo_info(*REPO).id == "new-lab/tiny"
    assert hub.asked[1].path.startswith("/api/models/new-lab/tiny?expand=")


def test_a_card_may_be_kept_elsewhere_on_the_hub(hub, client):
    moved = {"location": f"/api/resolve-cache/models/{REPO[1]}/abc/README.md"}
    hub.then(answer(307, b"", moved), answer(200, b"# Hi", {"content-type": "text/plain"}))
    assert client.card(*REPO).text == "# Hi"
    hub.then(answer(307, b"", {"location": "/new-lab/tiny/resolve/main/README.md"}))
    with pytest.raises(RepoMoved) as caught:
        client.card(*REPO)
    assert caught.value.new_id == "new-lab/tiny"


def test_a_list_that_leads_back_to_itself_ends(hub, client):
    link = {"link": f'<{hub.origin}/api/models/{REPO[1]}/user-access-request/pending?limit=1000>; rel="next"'}
    hub.then(answer(200, ROWS, link), answer(200, ROWS, link))
    with pytest.raises(BadAnswer, match="leads back"):
        read(client)


class Clock:
    def __init__(self):
        self.time = datetime(2026, 10, 5, 12, tzinfo=UTC)

    def __call__(self):
        return self.time


def test_one_429_stops_every_call_of_that_token_without_a_wait(hub, budget):
    clock = Clock()
    one, two = (HubClient(hub.origin, TOKEN, budget, lane=lane, now=clock) for lane in ("background", "people"))
    other = HubClient(hub.origin, "hf_other", budget, now=clock)
    hub.then(answer(429, {"error": "slow down"}, {"RateLimit": '"api";r=0;t=37'}), answer(200, ROWS))
    start = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        read(one)
    assert (caught.value.retry_at, caught.value.bucket) == (clock.time + timedelta(seconds=38), "api")
    assert not caught.value.held_back
    for client in (one, two):
        with pytest.raises(RateLimited) as caught:
            decide(client)
        assert caught.value.held_back
        assert not caught.value.outcome_unknown
    assert len(hub.asked) == 1
    assert elapsed(start) < 5
    assert read(other)[0].raw_count == 20
    clock.time += timedelta(seconds=39)
    hub.then(answer(200, {}))
    decide(two)


def test_polls_stop_before_people_do(hub, budget):
    clock = Clock()
    poll, person = (HubClient(hub.origin, TOKEN, budget, lane=lane, now=clock) for lane in ("background", "people"))
    limit = {"RateLimit": '"api";r=201;t=100', "RateLimit-Policy": '"fixed window";"api";q=1000;w=300'}
    hub.then(answer(200, ROWS, limit), answer(200, ROWS), answer(200, {}))
    read(poll)
    read(poll)
    with pytest.raises(RateLimited) as caught:
        read(poll)
    assert caught.value.retry_at == clock.time + timedelta(seconds=101)
    decide(person)
    assert len(hub.asked) == 3


def test_a_strict_limit_on_whoami_does_not_stop_the_rest(hub, client):
    hub.then(answer(429, {"error": "too often"}, {"RateLimit": '"api";r=900;t=100'}), answer(200, ROWS))
    with pytest.raises(RateLimited) as caught:
        client.whoami()
    assert caught.value.bucket == "whoami"
    assert read(client)[0].raw_count == 20
