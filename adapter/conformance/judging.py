"""Holds what came of an input against what was expected. Pure; knows no adapter."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from adapter.conformance.manifest import Expected, ExpectedFinding, ExpectedMessage, Match
from adapter.conformance.observed import Observed, Remark, SentMessage
from adapter.domain.text import Text
from adapter.registers.masking import mask_text

Lists = ("outcome", "messages", "findings", "not_reported")
_LONGEST = 160


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """In what an input came out otherwise, and what of the expectation could not be seen."""

    complaints: tuple[Text, ...] = ()
    unseen: tuple[str, ...] = ()


def judge(expected: Expected, observed: Observed, volatile: Iterable[str] = ()) -> Judgement:
    """Complaints in both languages; identity numbers in them are masked."""
    hidden = frozenset(volatile)
    complaints = [
        *_outcome(expected, observed),
        *_messages(expected, observed, hidden),
        *_findings(expected, observed),
        *_untold(expected, observed),
        *_absent(expected, observed),
    ]
    return Judgement(complaints=tuple(complaints), unseen=tuple(_unseen(expected, observed)))


def _outcome(expected: Expected, observed: Observed) -> Iterator[Text]:
    if observed.outcome is not None and observed.outcome != expected.outcome:
        yield Text(
            sv=f"utfallet är {observed.outcome}, inte {expected.outcome}",
            en=f"the outcome is {observed.outcome}, not {expected.outcome}",
        )


def _messages(expected: Expected, observed: Observed, hidden: frozenset[str]) -> Iterator[Text]:
    """Each wanted message takes the first that fits it best; of the same register, service and operation."""
    if expected.messages is None or observed.messages is None:
        return
    left = [one for one in observed.messages if _concerns(expected, one.register)]
    for wanted in expected.messages:
        if observed.registers is not None and wanted.register not in observed.registers:
            continue
        if wanted.operation == "cancel" and not observed.sees_cancels:
            continue
        alike = [one for one in left if _is_alike(wanted, one)]
        if not alike:
            yield _no_message(wanted, observed)
            continue
        told = [(list(_body(wanted, one, expected.strict.bodies, hidden)), one) for one in alike]
        differences, taken = min(told, key=lambda pair: len(pair[0]))
        left.remove(taken)
        yield from differences
    if expected.strict.messages == "exact":
        yield from (_needless(one) for one in left)


def _no_message(wanted: ExpectedMessage, observed: Observed) -> Text:
    what = f"{wanted.register}/{wanted.service} {wanted.operation}"
    rules = ", ".join(dict.fromkeys(one.rule for one in observed.held if one.register == wanted.register))
    if rules:
        return Text(
            sv=f"inget meddelande {what}: hålls kvar av {rules}", en=f"no message {what}: held by {rules}"
        )
    return Text(sv=f"inget meddelande {what}", en=f"no message {what}")


def _needless(one: SentMessage) -> Text:
    what = f"{one.register}/{one.service} {one.operation or ''}".strip()
    return Text(sv=f"ett meddelande som inte väntas: {what}", en=f"a message that is not expected: {what}")


def _is_alike(wanted: ExpectedMessage, one: SentMessage) -> bool:
    return (wanted.register, wanted.service) == (one.register, one.service) and one.operation in (
        None,
        wanted.operation,
    )


def _body(wanted: ExpectedMessage, one: SentMessage, match: Match, hidden: frozenset[str]) -> Iterator[Text]:
    if one.body is None or not wanted.body:
        return
    for name, value in wanted.body.items():
        if name not in hidden:
            yield from _value(f"{wanted.register}.{name}", value, one.body.get(name), match)
    if match == "exact":
        for name in one.body.keys() - wanted.body.keys() - hidden:
            yield Text(
                sv=f"{wanted.register}.{name} väntas inte", en=f"{wanted.register}.{name} is not expected"
            )


def _value(path: str, wanted: Any, found: Any, match: Match) -> Iterator[Text]:
    """Objects member by member, lists item by item, all else as it stands."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = wanted if match == "at-least" else wanted | found
        for name in names:
            yield from _value(f"{path}.{name}", wanted.get(name), found.get(name), match)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from _value(f"{path}[{number}]", one, other, match)
    elif type(wanted) is not type(found) or wanted != found:
        yield Text(
            sv=f"{path} är {_shown(found)}, inte {_shown(wanted)}",
            en=f"{path} is {_shown(found)}, not {_shown(wanted)}",
        )


def _shown(value: Any) -> str:
    text = mask_text(msgspec.json.encode(value).decode())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _findings(expected: Expected, observed: Observed) -> Iterator[Text]:
    if expected.findings is None or observed.findings is None:
        return
    for wanted in expected.findings:
        if not any(_fits(wanted, one) for one in observed.findings):
            yield _missing(wanted, observed.findings)
    if expected.strict.findings == "exact" and observed.whole:
        for one in observed.findings:
            if _in_view(expected, one) and not any(_fits(wanted, one) for wanted in expected.findings):
                yield Text(
                    sv=f"en anmärkning som inte väntas: {one.rule} ({one.severity})",
                    en=f"a finding that is not expected: {one.rule} ({one.severity})",
                )


def _missing(wanted: ExpectedFinding, found: Iterable[Remark]) -> Text:
    """What is wrong: none of the rule comes up, or with another severity, register or place."""
    alike = [one for one in found if one.rule == wanted.rule]
    if not alike:
        return Text(sv=f"{wanted.rule} saknas", en=f"{wanted.rule} does not come up")
    seen = "; ".join(sorted({_described(one) for one in alike}))
    return Text(
        sv=f"{wanted.rule} kommer upp som: {mask_text(seen)}",
        en=f"{wanted.rule} comes up as: {mask_text(seen)}",
    )


def _described(one: Remark) -> str:
    register = "?" if one.register is UNSET else one.register or "-"
    return f"{one.severity}, {register}, {' '.join(one.expression) or '-'}"


def _fits(wanted: ExpectedFinding, one: Remark) -> bool:
    return (
        wanted.rule == one.rule
        and _as_severe(wanted, one)
        and (wanted.register is UNSET or one.register is UNSET or wanted.register == one.register)
        and set(wanted.expression) <= set(one.expression)
    )


def _as_severe(wanted: ExpectedFinding, one: Remark) -> bool:
    if wanted.severity in (UNSET, one.severity):
        return True
    return one.milder and (wanted.severity, one.severity) == ("error", "warning")


def _untold(expected: Expected, observed: Observed) -> Iterator[Text]:
    if expected.not_reported is None or observed.not_reported is None:
        return
    seen = {(one.register, one.rule) for one in observed.not_reported if _concerns(expected, one.register)}
    wanted = {(one.register, one.rule) for one in expected.not_reported}
    told = set() if observed.whole else {one.register for one in observed.messages or ()}
    for register, rule in sorted(wanted - seen):
        if register not in told and (observed.registers is None or register in observed.registers):
            yield Text(
                sv=f"{register} hålls inte utanför med {rule}", en=f"{register} is not left untold by {rule}"
            )
    if expected.strict.not_reported == "exact" and observed.whole:
        for register, rule in sorted(seen - wanted):
            yield Text(
                sv=f"{register} hålls utanför med {rule}, vilket inte väntas",
                en=f"{register} is left untold by {rule}, which is not expected",
            )


def _absent(expected: Expected, observed: Observed) -> Iterator[Text]:
    found = {one.rule for one in observed.findings or ()} | {one.rule for one in observed.not_reported or ()}
    for rule in expected.absent:
        if rule in found:
            yield Text(sv=f"{rule} kommer upp", en=f"{rule} comes up")


def _concerns(expected: Expected, register: str) -> bool:
    return not expected.registers or register in expected.registers


def _in_view(expected: Expected, one: Remark) -> bool:
    return not isinstance(one.register, str) or _concerns(expected, one.register)


def _unseen(expected: Expected, observed: Observed) -> Iterator[str]:
    """What was expected and could not be seen: lists, then bodies, operations and single registers."""
    for name in Lists:
        if getattr(expected, name) is not None and getattr(observed, name) is None:
            yield name
    if expected.absent and observed.findings is None:
        yield "absent"
    wanted, found = expected.messages or (), observed.messages or ()
    if any(one.body for one in wanted) and any(one.body is None for one in found):
        yield "bodies"
    if wanted and any(one.operation is None for one in found):
        yield "operations"
    if expected.not_reported and not observed.whole:
        yield "not_reported of further events"
    if not observed.sees_cancels and any(one.operation == "cancel" for one in wanted):
        yield "cancellations"
    if observed.registers is not None:
        yield from sorted({f"register {one.register}" for one in wanted} - _named(observed.registers))


def _named(registers: Iterable[str]) -> set[str]:
    return {f"register {name}" for name in registers}
