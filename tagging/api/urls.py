from django.urls import path

from tagging.api import evaluations, preference, proposals, tag

urlpatterns = [
    path("repositories/<int:repository_id>/tag", tag.OneTag.as_view(), name="tag"),
    path("repositories/<int:repository_id>/tag/retry", tag.RetryTag.as_view(), name="tag-retry"),
    path("repositories/<int:repository_id>/tag/proposals", proposals.Propose.as_view(), name="tag-propose"),
    path("repositories/<int:repository_id>/evaluations", evaluations.Evaluations.as_view(), name="evaluations"),
    path("repositories/<int:repository_id>/evaluations/card", evaluations.OfCard.as_view(), name="evaluations-card"),
    path("evaluations/<int:evaluation_id>", evaluations.OneEvaluation.as_view(), name="evaluation"),
    path("tag-proposals", proposals.Proposals.as_view(), name="tag-proposals"),
    path("tag-proposals/<int:proposal_id>", proposals.OneProposal.as_view(), name="tag-proposal"),
    path("tag-proposals/<int:proposal_id>/rule", proposals.Rule.as_view(), name="tag-proposal-rule"),
    path("tag-proposals/<int:proposal_id>/withdraw", proposals.Withdraw.as_view(), name="tag-proposal-withdraw"),
    path("me/content-preference", preference.Preference.as_view(), name="content-preference"),
]
