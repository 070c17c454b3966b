"""Findings: what a check has to say about a bundle, without one character of the patient's data."""

from collections.abc import Iterable, Iterator

import msgspec

from adapter.domain.rule import Catalogue, Severity


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One remark: which rule, how grave, where.

    `expression` holds FHIRPaths into the bundle (``Bundle.entry[3].resource.code``). `register` names the
    receiver that the remark stops or concerns, None for all. `params` fill the placeholders of the rule's
    text: names of elements, types, limits; never a value from the input, which could be a patient's.
    """

    rule: str
    severity: Severity
    expression: tuple[str, ...] = ()
    register: str | None = None
    params: dict[str, str] = {}


class Findings:
    """Collects findings; the severity is the catalogue's, so that a rule is as grave everywhere.

    Raises KeyError for a rule id that the catalogue does not know: a finding nobody can explain is a bug.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._items: list[Finding] = []

    def add(self, rule: str, *at: str, register: str | None = None, **params: str) -> None:
        """Remark that `rule` is broken (or notable) `at` these FHIRPaths."""
        self._items.append(
            Finding(
                rule=rule,
                severity=self._catalogue[rule].severity,
                expression=tuple(path for path in at if path),
                register=register,
                params=params,
            )
        )

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take over findings made elsewhere."""
        self._items.extend(findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def has_error(findings: Iterable[Finding], register: str | None = None) -> bool:
    """Whether an error stands among `findings` that stops everything, or `register` when one is named."""
    return any(
        finding.severity == "error" and (finding.register is None or finding.register == register)
        for finding in findings
    )
