"""What a card says about the gate, beside what the Hub's API says (HC §3, field report 35)."""

from __future__ import annotations

from hubgate.hub.card.front_matter import BOOLEAN
from hubgate.hub.card.notes import Note
from hubgate.hub.card.reader import Card


def gate_warnings(card: Card, gated: str | bool | None) -> list[Note]:
    """Warnings for a card whose repository has the gate `gated`, as the API gives it: False is off, anything else on.

    None (the API did not say) gives no warning. `gate_not_set` is the loud one: the files are open to everybody.
    """
    if gated is not False:
        return []
    warnings = []
    asked = [f"has “gated: {card.gated}”"] if card.gated is not None and BOOLEAN.get(card.gated) is not False else []
    asked += ["holds a gate form"] if card.has_gate_form else []
    if asked:
        warnings.append(
            Note(
                "gate_not_set",
                None,
                f"The card asks for a gate (it {' and '.join(asked)}), but the repository has none: everybody can "
                "download its files. Set the gate in the settings of the repository on the Hub.",
            )
        )
    if card.eu_disallowed:
        warnings.append(
            Note(
                "eu_block_not_set",
                None,
                "The card says extra_gated_eu_disallowed, but the repository has no gate, so people in the EU are not "
                "kept out: set the gate in the settings of the repository on the Hub.",
            )
        )
    return warnings
