"""What became of many submissions, counted: by answer and by finding."""

from collections import Counter
from typing import Any

import msgspec

from adapter.submission.journal import Outcome

_RANK = {"fatal": 0, "error": 1, "warning": 2, "information": 3}


class FindingCount(msgspec.Struct, kw_only=True):
    """A rule, in how many submissions it was found, and where for example."""

    rule: str
    severity: str
    text: str
    submissions: int = 0
    source: str = ""
    place: str = ""


class Summary:
    """Counts outcomes as they come; keeps those that were not taken, and of the rest nothing but numbers."""

    def __init__(self) -> None:
        self.sent = 0
        self.answers: Counter[str] = Counter()
        self.failed: list[Outcome] = []
        self._findings: dict[tuple[str, str], FindingCount] = {}

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.sent += 1
        self.answers[str(outcome.status or outcome.failure)] += 1
        if not outcome.taken:
            self.failed.append(outcome)
        for rule, severity in {(remark.rule, remark.severity) for remark in outcome.remarks}:
            remark = next(one for one in outcome.remarks if (one.rule, one.severity) == (rule, severity))
            count = self._findings.setdefault(
                (rule, severity),
                FindingCount(
                    rule=rule, severity=severity, text=remark.text, source=outcome.name, place=remark.place
                ),
            )
            count.submissions += 1

    @property
    def taken(self) -> int:
        """How many the adapter has taken."""
        return self.sent - len(self.failed)

    @property
    def findings(self) -> list[FindingCount]:
        """Each rule once for each severity: the gravest first, then the most frequent."""
        return sorted(
            self._findings.values(), key=lambda one: (_RANK.get(one.severity, 9), -one.submissions, one.rule)
        )

    def document(self) -> dict[str, Any]:
        """The summary for machines."""
        unanswered = sum(outcome.status is None for outcome in self.failed)
        return {
            "submissions": self.sent,
            "taken": self.taken,
            "refused": len(self.failed) - unanswered,
            "unanswered": unanswered,
            "findings": [msgspec.to_builtins(finding) for finding in self.findings],
        }
