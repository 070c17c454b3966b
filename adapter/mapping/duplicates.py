"""One identifier on several contacts of a bundle: no telling which of them counts, so none does.

FHIR lets a transaction name a resource once only, and fails it otherwise (FHIR R4, Transaction Processing
Rules); that holds for a contact that is both sent and deleted as well.
"""

from adapter.domain.finding import Findings
from adapter.domain.rule import Catalogue
from adapter.mapping.mapped import Mapped

RULE = "CONTACT-DUPLICATE"


def tell_duplicates(mapped: list[Mapped], catalogue: Catalogue) -> None:
    """Add an error to every event whose identifier another contact has too; it names them all.

    The events of one group share Encounter and identifier, and are one contact.
    """
    by_identifier: dict[str, list[Mapped]] = {}
    for one in mapped:
        by_identifier.setdefault(one.identifier, []).append(one)
    if len(by_identifier) == len(mapped):
        return
    for same in by_identifier.values():
        places = tuple(dict.fromkeys(one.encounter for one in same))
        if len(places) == 1:
            continue
        findings = Findings(catalogue)
        findings.add(RULE, *places)
        for one in same:
            one.findings.extend(findings)
