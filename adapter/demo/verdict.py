"""Comparing what became of a step with what the manifest expects. Pure."""

import msgspec

from adapter.demo.manifest import Answer, Step
from adapter.demo.observe import Message
from adapter.submission.answer import Remark
from adapter.submission.client import Reply


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the demo's table. `step` is None for bundles that nobody has made a promise about."""

    name: str
    step: Step | None
    reply: Reply
    remarks: list[Remark]
    messages: list[Message]
    states: list[str]
    again: bool = False

    @property
    def answer(self) -> Answer:
        """What it came to, in the manifest's words."""
        if not self.reply.taken:
            return "refused"
        if self.again and not self.messages:
            return "replayed"
        states = {message.state for message in self.messages}
        if states & {"accepted"}:
            return "accepted"
        if states & {"parked", "unknown"}:
            return "rejected"
        if "held" in states:
            return "held"
        if self._names("INTAKE-UNCHANGED") or "unchanged" in states:
            return "unchanged"
        return "not-reported"

    @property
    def differences(self) -> list[str]:
        """What is otherwise than expected; empty when all is well."""
        if self.step is None:
            return [] if self.reply.status is not None and self.reply.status < 500 else ["no proper answer"]
        expected = self.step
        found = []
        if self.reply.status != expected.status:
            found.append(f"status {self.reply.status or self.reply.failure}, expected {expected.status}")
        if self.answer != expected.answer:
            found.append(f"{self.answer}, expected {expected.answer}")
        wanted = set() if expected.state == "none" else {expected.state}
        if set(self.states) != wanted:
            found.append(f"lanes {', '.join(sorted(set(self.states))) or 'none'}, expected {expected.state}")
        found += [f"rule {rule} is not named" for rule in expected.rules if not self._names(rule)]
        return found

    def _names(self, rule: str) -> bool:
        return any(remark.rule == rule for remark in self.remarks)
