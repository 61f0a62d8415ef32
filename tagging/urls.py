from django.urls import path

from tagging.views import content, evaluations, proposals, tag, tagged

app_name = "tagging"
urlpatterns = [
    path("tags/", proposals.queue, name="queue"),
    path("tags/tagged/", tagged.tagged, name="tagged"),
    path("tags/<int:proposal_id>/", proposals.proposal, name="proposal"),
    path("tags/<int:proposal_id>/rule/", proposals.rule, name="rule"),
    path("tags/<int:proposal_id>/withdraw/", proposals.withdraw, name="withdraw"),
    path("content/", content.preference, name="content"),
    path("repositories/<int:repository_id>/evaluations/", evaluations.evaluations, name="evaluations"),
    path("repositories/<int:repository_id>/evaluations/attach/", evaluations.attach, name="attach"),
    path("repositories/<int:repository_id>/evaluations/card/", evaluations.attach_card, name="attach-card"),
    path("evaluations/<int:evaluation_id>/remove/", evaluations.remove, name="remove-evaluation"),
    path("repositories/<int:repository_id>/tag/", tag.tag, name="tag"),
    path("repositories/<int:repository_id>/tag/decide/", tag.decide, name="decide"),
    path("repositories/<int:repository_id>/tag/propose/", tag.propose, name="propose"),
    path("repositories/<int:repository_id>/tag/retry/", tag.retry, name="retry"),
    path("repositories/<int:repository_id>/tag/view/", tag.view_content, name="view-content"),
]
