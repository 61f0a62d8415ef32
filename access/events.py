"""Events of access requests, with the sentence that a timeline shows."""

ASKED = "access.request.asked"
HISTORY_FOUND = "access.history-found"
ASKED_AGAIN = "access.request.asked-again"
ACCEPTED = "access.request.accepted"
REJECTED = "access.request.rejected"
RESET = "access.request.reset"
PUT_BACK = "access.request.put-back"
GRANTED = "access.request.granted"
WITHDRAWN = "access.request.withdrawn"
WITHDRAWN_HERE = "access.request.withdrawn-here"
ENDED = "access.request.ended"
END_SET = "access.request.end-set"
RENEWAL_ASKED = "access.request.renewal-asked"
RENEWAL_REFUSED = "access.request.renewal-refused"
REFUSED_RACE = "access.request.decision-refused"
PUSHED = "access.request.pushed"
PUSH_REFUSED = "access.request.push-refused"
PUSH_RETRIED = "access.request.push-retried"
HUB_CHANGED = "access.request.changed-on-hub"
SUPERSEDED = "access.request.superseded"
HUB_SUPERSEDED = "access.request.hub-superseded"
ANSWERS_CHANGED = "access.request.answers-changed"
MAIL_SENT_AGAIN = "access.request.mail-sent-again"
MAIL_SET_ASIDE = "access.request.mail-set-aside"
UNDONE = "access.request.undone"
ASSIGNED = "access.request.assigned"
UNASSIGNED = "access.request.unassigned"
NOTE_ADDED = "access.request.note-added"
NOTE_REMOVED = "access.request.note-removed"
TEMPLATE_SAVED = "access.reason-template.saved"
TEMPLATE_REMOVED = "access.reason-template.removed"
DRIFT_TAKEN = "access.drift.theirs-taken"
DRIFT_PUT_BACK = "access.drift.ours-put-back"
DRIFT_PASSED = "access.drift.passed"
BULK_REFUSED = "access.bulk.refused"
EXPORTED = "access.requests.exported"
PLAN_SAVED = "access.release.plan-saved"
STAGE_OPENED = "access.release.stage-opened"
STEPPED_BACK = "access.release.stepped-back"
STAGE_HELD_BACK = "access.release.stage-held-back"
GO_GIVEN = "access.release.go-given"
GO_TAKEN_BACK = "access.release.go-taken-back"
RECALLED = "access.release.recalled"
REOPENED = "access.release.reopened"
GATE_TOLD = "access.release.gate-told"
GATE_REFUSED = "access.release.gate-refused"
GATE_RETRIED = "access.release.gate-retried"
GATE_DRIFTED = "access.release.gate-changed-on-hub"
GATE_AGREES = "access.release.gate-agrees-again"
GATE_TAKEN = "access.release.theirs-taken"
GATE_PUT_BACK = "access.release.ours-put-back"

SENTENCES = {
    ASKED: "Found on the Hub: {subject} asked on {asked_on}, {status} there",
    HISTORY_FOUND: "Found on the Hub: {found}, {status} there",
    ASKED_AGAIN: "{subject} asked again on the Hub",
    ACCEPTED: "{actor} accepted the request",
    REJECTED: "{actor} rejected the request",
    RESET: "{actor} reset the request: {subject} may ask again",
    PUT_BACK: "{actor} put the request back to pending",
    GRANTED: "{actor} let {subject} in without a request",
    WITHDRAWN: "The request is gone from the Hub: withdrawn",
    WITHDRAWN_HERE: "{subject} withdrew the request",
    ENDED: "Access ended on {ended_on}, as was set: {subject} may ask again",
    END_SET: "{actor} set when access ends: {before} → {after}",
    RENEWAL_ASKED: "{subject} asked to renew access",
    RENEWAL_REFUSED: "{actor} refused to renew access",
    REFUSED_RACE: "{actor} tried to {verb}, but the request was {status} already",
    PUSHED: "The Hub was told: {status}",
    PUSH_REFUSED: "The Hub did not take the decision",
    PUSH_RETRIED: "{actor} asked for another try at the Hub",
    HUB_CHANGED: "Changed on the Hub itself: {before} → {after}",
    SUPERSEDED: "Decided on the Hub after us: {after} stands, our {before} does not",
    HUB_SUPERSEDED: "The Hub said {after} before our decision: our {before} stands",
    ANSWERS_CHANGED: "The answers changed on the Hub",
    MAIL_SENT_AGAIN: "{actor} sent the mail “{about}” again",
    MAIL_SET_ASIDE: "{actor} set the mail “{about}” aside, which did not arrive",
    UNDONE: "{actor} undid the decision: {before} → {after}",
    ASSIGNED: "{actor} assigned the request to {assignee}",
    UNASSIGNED: "{actor} assigned the request to nobody",
    NOTE_ADDED: "{actor} added a note",
    NOTE_REMOVED: "{actor} removed a note",
    TEMPLATE_SAVED: "{actor} saved the reason template “{template}”",
    TEMPLATE_REMOVED: "{actor} removed the reason template “{template}”",
    DRIFT_TAKEN: "{actor} took what the Hub says: {theirs} stands, {ours} does not",
    DRIFT_PUT_BACK: "{actor} put ours back: {ours} stands, the Hub’s {theirs} does not",
    DRIFT_PASSED: "{actor} put the Hub’s {theirs} aside: the request had changed since",
    EXPORTED: "{actor} exported requests with their e-mail addresses and answers: {count}",
    PLAN_SAVED: "{actor} changed the release plan: {changes}",
    STAGE_OPENED: "{actor} opened the stage “{stage}”: the gate is to be {gate}",
    STEPPED_BACK: "{actor} stepped back to the stage “{stage}”: the gate is to be {gate}",
    STAGE_HELD_BACK: "The date of the stage “{stage}” came, and it was not opened: {why}",
    GO_GIVEN: "{actor} said go for the stage “{stage}”",
    GO_TAKEN_BACK: "{actor} took back the go for the stage “{stage}”",
    RECALLED: "{actor} recalled the release: the gate is to be {gate}, {people} to be reset",
    REOPENED: "{actor} opened the stage “{stage}” again after the recall",
    GATE_TOLD: "The gate went from {before} to {after}, as the release plan has it",
    GATE_REFUSED: "The Hub did not take the gate of the release plan",
    GATE_RETRIED: "{actor} asked for another try at the gate",
    GATE_DRIFTED: "The gate was changed on the Hub itself: it is {theirs}, and the release plan says {ours}",
    GATE_AGREES: "The gate on the Hub is as the release plan has it again",
    GATE_TAKEN: "{actor} left the gate as the Hub has it: {theirs}. The release plan is paused",
    GATE_PUT_BACK: "{actor} put the gate of the release plan back: {ours}",
    BULK_REFUSED: "{actor} tried to {verb} {count} more at once, which could not be decided: {why}",
}

OF_STATUS = {"accepted": ACCEPTED, "rejected": REJECTED, "reset": RESET, "pending": PUT_BACK}

# What a history can be narrowed to: key → (label, events).
KINDS = {
    "requests": ("Requests", (ASKED, ASKED_AGAIN, ANSWERS_CHANGED, WITHDRAWN, WITHDRAWN_HERE, RENEWAL_ASKED)),
    "decisions": ("Decisions here", (ACCEPTED, REJECTED, RESET, PUT_BACK, GRANTED, REFUSED_RACE)),
    "ends": ("Ends of access", (ENDED, END_SET, RENEWAL_ASKED, RENEWAL_REFUSED)),
    "hub": ("Changes on the Hub", (HUB_CHANGED, SUPERSEDED, HUB_SUPERSEDED, DRIFT_TAKEN, DRIFT_PUT_BACK, DRIFT_PASSED)),
    "release": ("Release plan", tuple(name for name in SENTENCES if name.startswith("access.release."))),
    "pushes": ("Told to the Hub", (PUSHED, PUSH_REFUSED, PUSH_RETRIED)),
}
