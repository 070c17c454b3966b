"""The verdict: what took effect at the register against what was acknowledged, contact by contact. Pure.

A version has *taken effect* when the register's log says so. The register's stand-in lets a second create of
what it holds take effect, so that duplicates show.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from adapter.verification.contacts import Version
from adapter.verification.records import Break, Effect, Fate, Promise, Seen, Sent, Verdict

_VISIBLE: Mapping[str, Fate] = {
    "waiting": "waiting",
    "leased": "waiting",
    "held": "held",
    "parked": "parked",
    "unknown": "unknown",
}


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one contact."""

    fates: tuple[tuple[int, Fate], ...] = ()
    breaks: tuple[Break, ...] = ()
    repeated_updates: int = 0


def judge(sent: Mapping[str, Sequence[Sent]], effects: Iterable[Effect], seen: Mapping[str, Seen]) -> Verdict:
    """Compare; the maps go by event. Versions of a contact are in the order of their sending."""
    by_event: dict[str, list[Effect]] = {}
    for effect in effects:
        by_event.setdefault(effect.event, []).append(effect)
    breaks = [
        Break("reordered", f"the register got an event that nobody has sent (effect {found[0].seq})", event)
        for event, found in by_event.items()
        if event not in sent
    ]
    fates: Counter[str] = Counter()
    parked: Counter[str] = Counter()
    repeated = 0
    for event, versions in sent.items():
        one = judge_contact(event, versions, by_event.get(event, ()), seen.get(event, Seen()))
        fates.update(fate for _, fate in one.fates)
        breaks += one.breaks
        repeated += one.repeated_updates
    for shown in seen.values():
        if shown.state in ("parked", "held"):
            parked[shown.cause or "no cause"] += 1
    return Verdict(
        contacts=len(sent),
        accepted=sum(fates.values()),
        effects=sum(map(len, by_event.values())),
        fates=dict(fates),
        parked=dict(parked),
        unknown=sum(shown.state == "unknown" for shown in seen.values()),
        repeated_updates=repeated,
        breaks=tuple(breaks),
    )


def judge_contact(event: str, sent: Sequence[Sent], effects: Sequence[Effect], seen: Seen) -> Judgement:
    """Follow one contact through the register's log."""
    way = _Way(event, [one.version for one in sent], flagged=seen.state == "unknown")
    for effect in effects:
        way.follow(effect)
    acknowledged = [one.version for one in sent if one.acknowledged]
    newest = acknowledged[-1] if acknowledged else None
    fates = [(one.n, _fate(one, newest, way, seen)) for one in acknowledged]
    breaks = list(way.breaks)
    for n, fate in fates:
        if fate == "lost":
            known = "" if n in seen.versions else ", and the ledger does not know it"
            breaks.append(Break("lost", f"version {n} was acknowledged; {way.holds()}{known}", event))
    return Judgement(fates=tuple(fates), breaks=tuple(breaks), repeated_updates=way.repeated_updates)


def _fate(version: Version, newest: Version | None, way: "_Way", seen: Seen) -> Fate:
    if version.n not in seen.versions:
        return "lost"
    if version is not newest:
        return _earlier_fate(version, way)
    if not way.stands_at_or_after(version):
        return _VISIBLE.get(seen.state or "", "lost")
    return "delivered" if version.n in way.delivered else "needless"


def _earlier_fate(version: Version, way: "_Way") -> Fate:
    if version.n in way.delivered:
        return "delivered"
    return "needless" if version.intent == "report" and way.repeats(version) else "superseded"


class _Way:
    """One event's way through its versions, as the register saw it. `reached` is the version it is at."""

    def __init__(self, event: str, versions: Sequence[Version], *, flagged: bool) -> None:
        self._event = event
        self._versions = versions
        self._flagged = flagged
        self._held: Effect | None = None
        self.reached = 0
        self.delivered: set[int] = set()
        self.breaks: list[Break] = []
        self.repeated_updates = 0

    def follow(self, effect: Effect) -> None:
        """Take one effect into account."""
        if effect.method == "DELETE":
            self._cancel(effect)
            return
        if effect.method == "POST" and effect.was and not self._flagged:
            self._break("duplicated", f"a second create took effect (effect {effect.seq})")
        if effect.method == "PUT" and self._held is not None and self._held.mark == effect.mark:
            self.repeated_updates += 1
        self._report(effect)
        self._held = effect

    def _report(self, effect: Effect) -> None:
        fitting = [
            version.n
            for version in self._versions
            if version.intent == "report" and (version.mark, version.patient) == (effect.mark, effect.patient)
        ]
        if not fitting:
            self._break("reordered", f"the register got content that nobody has sent (effect {effect.seq})")
        elif fitting[-1] < self.reached:
            self._break(
                "reordered",
                f"version {fitting[-1]} took effect after version {self.reached} (effect {effect.seq})",
            )
        else:
            self.delivered.add(fitting[0])
            self.reached = max(self.reached, fitting[0])

    def _cancel(self, effect: Effect) -> None:
        """A cancel is explained by a newer version that is one, or that is of another patient."""
        held, self._held = self._held, None
        reasons = (
            version
            for version in self._versions
            if version.n > self.reached and (version.intent == "cancel" or _moves(version, held))
        )
        reason = next(reasons, None)
        if reason is None:
            self._break(
                "reordered",
                f"a cancel took effect that nothing newer than version {self.reached} explains"
                f" (effect {effect.seq})",
            )
            return
        self.reached = reason.n
        if reason.intent == "cancel":
            self.delivered.add(reason.n)

    def stands_at_or_after(self, version: Version) -> bool:
        """Whether the register holds what `version` says, or a newer one that was sent as well."""
        return any(self._says(later) for later in self._versions if later.n >= version.n)

    def repeats(self, version: Version) -> bool:
        """Whether an earlier version had the same content."""
        return any(
            earlier.n < version.n and (earlier.mark, earlier.intent) == (version.mark, version.intent)
            for earlier in self._versions
        )

    def holds(self) -> str:
        """What the register holds in the end, in words."""
        if self._held is None:
            return f"the register holds nothing (reached version {self.reached})"
        return f"the register holds version {self.reached}"

    def _says(self, version: Version) -> bool:
        if version.intent == "cancel":
            return self._held is None
        held = self._held
        return held is not None and (held.mark, held.patient) == (version.mark, version.patient)

    def _break(self, promise: Promise, what: str) -> None:
        self.breaks.append(Break(promise, what, self._event))


def _moves(version: Version, held: Effect | None) -> bool:
    return held is not None and version.patient != held.patient
