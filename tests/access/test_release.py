"""Rules of release plans, cell by cell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from access import release
from access.release import InPlace, Setting, StageFacts, Step
from hubgate.errors import InvalidInputError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETTINGS = [Setting(gated, private) for gated, private in product(("manual", "auto", "open", "later"), (True, False))]


def stage(**facts) -> StageFacts:
    return StageFacts(**{"name": "Vetted", "gate": "auto", **facts})


@pytest.mark.parametrize(
    ("facts", "field", "words"),
    [
        ({"name": "  "}, "name", "Give the stage a name"),
        ({"name": "x" * 81}, "name", "has 81 characters"),
        ({"gate": "ajar"}, "gate", "private, manual, auto or open"),
        ({"audience": "friends"}, "audience", "anyone, people, organisations or domains"),
        ({"members": ("kim",)}, "members", "Leave the list empty"),
        ({"audience": "people"}, "members", "List at least one"),
        ({"audience": "people", "members": ("kim lee",)}, "members", "“kim lee” cannot be a user name"),
        ({"audience": "domains", "members": ("northlake",)}, "members", "“northlake” is no mail domain"),
        ({"audience": "organisations", "members": ("a|b",)}, "members", "“a|b” cannot be an organisation"),
        (
            {"audience": "people", "members": tuple(f"p{number}" for number in range(501))},
            "members",
            "at most 500: this list has 501",
        ),
        ({"gate": "open", "capacity": 3}, "capacity", "Leave the places empty"),
        ({"gate": "private", "grant_days": 3}, "grant_days", "Leave the days empty"),
        ({"gate": "open", "audience": "people", "members": ("kim",)}, "audience", "Choose anyone"),
        ({"capacity": 0}, "capacity", "Give 1 to 1,000,000 places"),
        ({"grant_days": 4000}, "grant_days", "1 to 3,650 days"),
        ({"opens_at": datetime(2026, 3, 1)}, "opens_at", "time zone"),
    ],
)
def test_each_mistake_of_a_stage_is_named_where_it_is(facts, field, words):
    with pytest.raises(InvalidInputError) as caught:
        release.cleaned([stage(name="First"), stage(**facts)])
    assert list(caught.value.fields) == [f"stages.1.{field}"]
    assert words in caught.value.fields[f"stages.1.{field}"]
    assert caught.value.code == "bad_plan"


def test_a_plan_is_kept_in_one_form():
    people = stage(name=" Named   testers ", audience="people", members=("@Kim", "kim", " ", "lee"))
    domains = stage(name="Labs", audience="domains", members=("Someone@NorthLake.edu", "northlake.edu."))
    found = release.cleaned([people, domains])
    assert (found[0].name, found[0].members) == ("Named testers", ("Kim", "lee"))
    assert found[1].members == ("northlake.edu",)
    with pytest.raises(InvalidInputError, match="Two stages are called “named testers”"):
        release.cleaned([people, stage(name="named testers")])
    with pytest.raises(InvalidInputError, match="at most 20 stages"):
        release.cleaned([stage(name=f"Stage {number}") for number in range(21)])


@pytest.mark.parametrize(
    ("facts", "gated", "private"),
    [
        ({"gate": "private"}, "manual", True),
        ({"gate": "manual"}, "manual", False),
        ({"gate": "auto"}, "auto", False),
        ({"gate": "auto", "capacity": 5}, "manual", False),
        ({"gate": "auto", "audience": "people", "members": ("kim",)}, "manual", False),
        ({"gate": "open"}, "open", False),
    ],
)
def test_what_a_stage_means_on_the_hub(facts, gated, private):
    assert release.setting_of(stage(**facts)) == Setting(gated, private)
    assert release.wanted(stage(**facts), "") == Setting(gated, private)


def test_a_recall_closes_whatever_the_stage_says_and_never_opens():
    assert release.wanted(stage(gate="open"), "manual") == Setting("manual", False)
    assert release.wanted(stage(gate="open"), "private") == Setting("manual", True)
    assert release.wanted(stage(gate="private"), "manual") == Setting("manual", True)
    assert release.wanted(None, "manual") is None


@pytest.mark.parametrize(
    ("setting", "openness"),
    [
        (Setting("open", True), 0),
        (Setting("manual", False), 1),
        (Setting("auto", False), 2),
        (Setting("open", False), 3),
        (Setting("of tomorrow", False), 1),
    ],
)
def test_how_open_a_setting_is(setting, openness):
    assert release.openness(setting) == openness


@pytest.mark.parametrize("hub", SETTINGS)
@pytest.mark.parametrize("to", [setting for setting in SETTINGS if setting.gated != "later"])
def test_on_its_way_a_repository_is_never_more_open_than_it_was_or_is_to_be(hub, to):
    seen = [hub]
    for step in release.steps(hub, to):
        assert (step.gated is None) != (step.private is None)
        seen.append(step.after(seen[-1]))
    assert seen[-1] == to
    assert max(map(release.openness, seen)) == max(release.openness(hub), release.openness(to))
    if release.closes(hub, to):
        assert all(release.openness(setting) <= release.openness(to) for setting in seen[1:])
    if release.opens(hub, to):
        assert all(release.openness(setting) <= release.openness(hub) for setting in seen[:-1])


def test_the_gate_of_a_private_repository_is_set_before_it_is_public():
    assert release.steps(Setting("open", True), Setting("manual", False)) == [Step(gated="manual"), Step(private=False)]
    assert release.steps(Setting("open", False), Setting("manual", True)) == [Step(private=True), Step(gated="manual")]


@pytest.mark.parametrize(
    ("hub", "to", "difference"),
    [
        (Setting("manual", False), Setting("manual", False), ""),
        (Setting("open", True), Setting("manual", True), ""),
        (Setting("open", False), Setting("manual", False), "open"),
        (Setting("manual", True), Setting("manual", False), "closed"),
        (Setting("of tomorrow", False), Setting("manual", False), "other"),
    ],
)
def test_how_the_hub_differs_from_a_plan(hub, to, difference):
    assert release.difference(hub, to) == difference


def in_place(**facts) -> InPlace:
    return InPlace(**{"license": "", "tag_ruled": False, "proposals": 0, "go_by": "", "now": NOW, **facts})


@pytest.mark.parametrize(
    ("asks", "facts", "holds", "words"),
    [
        ({"opens_at": NOW}, {}, True, "Since 1 Mar 2026"),
        ({"opens_at": NOW + timedelta(seconds=1)}, {}, False, "Not before 1 Mar 2026, 12:00 UTC"),
        ({"needs_license": True}, {"license": "openrail"}, True, "openrail"),
        ({"needs_license": True}, {}, False, "names no licence"),
        ({"needs_tag_ruling": True}, {"tag_ruled": True}, True, "Ruled on"),
        ({"needs_tag_ruling": True}, {"tag_ruled": True, "proposals": 1}, False, "1 proposal is still"),
        ({"needs_tag_ruling": True}, {"proposals": 2}, False, "2 proposals are still"),
        ({"needs_tag_ruling": True}, {}, False, "Nobody has ruled yet"),
        ({"needs_evaluation": True}, {"evaluations": 1}, True, "1 evaluation attached"),
        ({"needs_evaluation": True}, {}, False, "Attach one on the tab Evaluations"),
        ({"needs_go": True}, {"go_by": "Mara Keller"}, True, "By Mara Keller"),
        ({"needs_go": True}, {}, False, "No author has said so"),
    ],
)
def test_each_condition_says_how_it_stands(asks, facts, holds, words):
    (condition,) = release.conditions(stage(**asks), in_place(**facts))
    assert condition.holds is holds
    assert words in condition.sentence
    assert release.unmet([condition]) == ([] if holds else [condition])


def test_a_stage_that_asks_for_nothing_has_no_conditions():
    assert release.conditions(stage(), in_place()) == []


def test_which_stage_may_come_next_and_before():
    assert release.following([], None) is None
    assert release.following([4, 2], None) == 4
    assert release.following([4, 2], 4) == 2
    assert release.following([4, 2], 2) is None
    assert release.preceding([4, 2], 2) == 4
    assert release.preceding([4, 2], 4) is None
    assert release.preceding([4, 2], None) is None


def test_places_and_lines_in_words():
    assert (release.free(None, 9), release.free(3, 1), release.free(3, 9)) == (None, 2, 0)
    assert "All 3 places are" in release.stage_full("Vetted", 3)
    assert "Its one place is" in release.stage_full("Vetted", 1)
    assert release.in_line(2, 5, stage="Vetted", places_left=0).startswith("Place 2 of 5")
    assert "lets them in next" in release.in_line(1, 5, stage="Vetted", places_left=3)
    assert "mail domains" in release.outside("Vetted", "domains")
