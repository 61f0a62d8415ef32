"""All tagged repositories of an author, and clearing several at once (field report 63)."""

from __future__ import annotations

from hubgate.outbox.models import OutboxItem
from repos import actions as repo_actions
from repos.models import Namespace, Repository
from repos.rules import CONTENT_TAG
from tagging.models import Ruling, Tag
from tests import factories
from tests.repos.conftest import shown
from tests.tagging.conftest import PLAIN, TAGGED, decide

URL = "/tags/tagged/"


def tagged(*names: str) -> list[Repository]:
    return [factories.make_repository(f"aurora-lab/{name}", card=TAGGED) for name in names]


def test_the_list_says_who_set_the_tag_and_leaves_others_out(as_author, author):
    tagged("by-a-tool")
    decide(author, factories.make_repository("aurora-lab/by-hand", card=PLAIN))
    factories.make_repository("aurora-lab/plain", card=PLAIN)
    factories.make_author("other-lab", "olaf")
    factories.make_repository("other-lab/theirs", card=TAGGED)
    page = shown(as_author.get(URL).text)
    assert "It was in the card when hubgate first read it." in page
    assert "Set by <bdi>Mara Keller</bdi>" in page
    assert "plain" not in page
    assert "theirs" not in page


def test_several_are_cleared_with_a_ruling_and_a_commit_each(as_author):
    one, two, three = tagged("one", "two", "three")
    data = {"repository": [one.pk, two.pk], "reason": "A training tool added it."}
    page = as_author.post(URL, data, follow=True).text
    assert "2 tags are cleared" in page
    assert page.count("Cleared, on its way to the Hub") == 2
    assert set(Ruling.objects.values_list("outcome", "reason")) == {("cleared", "A training tool added it.")}
    keys = OutboxItem.objects.filter(kind=CONTENT_TAG).values_list("key", flat=True)
    assert set(keys) == {str(one.pk), str(two.pk)}
    assert not Tag.objects.filter(repository=three).exists()


def test_nothing_ticked_or_no_reason_is_asked_again_with_the_ticks_kept(as_author):
    (one,) = tagged("one")
    answer = as_author.post(URL, {"reason": "Because."})
    assert answer.status_code == 422
    assert "Tick the repositories" in answer.text
    answer = as_author.post(URL, {"repository": [one.pk], "reason": ""})
    assert answer.status_code == 422
    assert " checked>" in answer.text
    assert not Tag.objects.exists()


def test_repositories_of_others_cannot_be_named(as_author):
    factories.make_author("other-lab", "olaf")
    theirs = factories.make_repository("other-lab/theirs", card=TAGGED)
    answer = as_author.post(URL, {"repository": [theirs.pk], "reason": "Mine."})
    assert answer.status_code == 422
    assert not Tag.objects.exists()


def test_what_could_not_be_cleared_is_named(as_author, author):
    (one,) = tagged("one")
    repo_actions.switch_changes(actor=factories.actor(author), namespace=Namespace.objects.get(), on=False)
    page = as_author.post(URL, {"repository": [one.pk], "reason": "A tool."}, follow=True).text
    assert "Not cleared: hubgate only reads aurora-lab." in page


def test_the_list_takes_the_same_queries_however_long_it_is(
    as_author, django_assert_num_queries, django_assert_max_num_queries
):
    tagged("first")
    with django_assert_max_num_queries(16) as few:
        as_author.get(URL)
    tagged(*(f"more-{number}" for number in range(20)))
    with django_assert_num_queries(len(few)):
        assert as_author.get(URL).text.count('aria-label="Select') == 21
