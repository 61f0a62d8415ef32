"""Events of content tags, with the sentence that a timeline shows."""

SET = "tagging.tag.set"
CLEARED = "tagging.tag.cleared"
HUB_CHANGED = "tagging.tag.changed-on-hub"
COMMITTED = "tagging.tag.committed"
AGREED = "tagging.tag.agreed"
COMMIT_REFUSED = "tagging.tag.commit-refused"
COMMIT_RETRIED = "tagging.tag.commit-retried"
PROPOSED = "tagging.proposal.made"
ACCEPTED = "tagging.proposal.accepted"
DECLINED = "tagging.proposal.declined"
WITHDRAWN = "tagging.proposal.withdrawn"
ATTACHED = "tagging.evaluation.attached"
REMOVED = "tagging.evaluation.removed"

SENTENCES = {
    SET: "{actor} set “Not For All Eyes”",
    CLEARED: "{actor} cleared “Not For All Eyes”",
    HUB_CHANGED: "“Not For All Eyes” was {after} on the Hub itself: that stands",
    COMMITTED: "The Hub took the change of the card: commit {commit}",
    AGREED: "The card on the Hub said so already: no commit was needed",
    COMMIT_REFUSED: "The change of the card did not reach the Hub",
    COMMIT_RETRIED: "{actor} asked for another try at the card",
    PROPOSED: "{actor} proposed that “Not For All Eyes” be {wanted}",
    ACCEPTED: "{actor} accepted the proposal that “Not For All Eyes” be {wanted}",
    DECLINED: "{actor} declined the proposal that “Not For All Eyes” be {wanted}",
    WITHDRAWN: "{actor} withdrew the proposal that “Not For All Eyes” be {wanted}",
    ATTACHED: "{actor} attached the evaluation “{title}”",
    REMOVED: "{actor} took the evaluation “{title}” off",
}
EVALUATIONS = (ATTACHED, REMOVED)

WORDS = {True: "set", False: "cleared"}
