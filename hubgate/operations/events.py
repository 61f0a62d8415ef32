"""Events of the operator's hand, with the sentence that a timeline shows."""

WORK_RETRIED = "operations.work-retried"
MAIL_RETRIED = "operations.mail-retried"
ROUND_RETRIED = "operations.round-retried"

SENTENCES = {
    WORK_RETRIED: "{actor} had waiting work tried again: {subject}, {number}",
    MAIL_RETRIED: "{actor} had mail that did not arrive sent again: {number}",
    ROUND_RETRIED: "{actor} had {subject} read again",
}
