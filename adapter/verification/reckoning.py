"""The reckoning of a stretch that has come to rest: judge every contact, and tell the story of what broke."""

from collections.abc import Mapping, Sequence

import msgspec

from adapter.verification.agreement import disagreements
from adapter.verification.judge import judge
from adapter.verification.notes import Notes
from adapter.verification.operator import Operator
from adapter.verification.records import Break, Effect, Seen, Sent, Verdict

_TOLD = 5
"""So many breaks are told with their contact's history."""


async def reckon(notes: Notes, effects: Sequence[Effect], operator: Operator) -> Verdict:
    """Compare the notes, the register's log and the ledger."""
    sent = notes.by_event()
    seen = await operator.seen(sent)
    verdict = judge(sent, effects, seen)
    breaks = list(verdict.breaks)
    for number, found in enumerate(breaks[:_TOLD]):
        breaks[number] = await _told(found, sent, effects, seen, operator)
    breaks += [Break("consistent", what) for what in disagreements(await operator.listing())]
    broken_at = await operator.audit_broken_at()
    if broken_at is not None:
        breaks.append(Break("audit", f"the audit trail is broken at entry {broken_at}"))
    breaks += [Break("refused", f"a valid bundle was refused: {refusal}") for refusal in notes.refusals]
    return msgspec.structs.replace(verdict, breaks=tuple(breaks))


async def _told(
    found: Break,
    sent: Mapping[str, Sequence[Sent]],
    effects: Sequence[Effect],
    seen: Mapping[str, Seen],
    operator: Operator,
) -> Break:
    """A break with its contact's story: what was sent, what was attempted, what took effect."""
    event = found.event
    if event is None:
        return found
    story = [_of_version(one) for one in sent.get(event, ())]
    shown = seen.get(event)
    if shown is not None and shown.lane is not None:
        story += await operator.history(shown.lane)
    story += [_of_effect(effect) for effect in effects if effect.event == event]
    return Break(found.promise, found.what, event, tuple(story))


def _of_version(one: Sent) -> str:
    version = one.version
    parts = [f"version {version.n}: {version.intent}, mark {version.mark}, patient {version.patient}"]
    if version.rejected:
        parts.append("rejected by the register")
    if not one.acknowledged:
        parts.append("not acknowledged")
    return ", ".join(parts)


def _of_effect(effect: Effect) -> str:
    mark = "" if effect.mark is None else f" mark {effect.mark}"
    again = " of what was there" if effect.was and effect.method == "POST" else ""
    return f"effect {effect.seq} at {effect.at:.3f}: {effect.method}{mark}{again}"
