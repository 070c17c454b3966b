"""Who the care was for: identity number, birth date, sex and protected identity."""

from typing import Any, Literal

from adapter.domain.event import Patient
from adapter.domain.identity import (
    KINDS,
    Identity,
    IdentityProblem,
    IdentitySystem,
    choose_identity,
    contradictions,
    parse_identity,
)
from adapter.fhir.bundle import Node
from adapter.mapping.draft import Draft, reference_paths
from adapter.mapping.residence import residence

_KINDS: dict[str | None, IdentitySystem] = {kind: kind for kind in KINDS}
_SEX: dict[str, Literal["M", "K"]] = {"male": "M", "female": "K"}
_PROTECTED = frozenset(("sekretessmarkering", "skyddadfolkbokforing"))
_WHOLE_DATE = 10
_PERSONNUMMER = "personnummer"


def map_patient(
    draft: Draft, reference: dict[str, Any] | None, base: Node, path: str, via: tuple[str, ...] = ()
) -> Patient:
    """The patient that `reference`, standing in `base` at `path`, names: a resource or an identifier only.

    `via` are the paths by which the reference itself was reached (a group's).
    """
    if not reference:
        draft.findings.add("ID-MISSING", base.path)
        return _nobody(draft, base.path + ".subject")
    link = reference_paths(reference, path) + via
    node = draft.resolve(reference, base, path)
    if node is None:
        if "identifier" not in reference and draft.bundle.fits_several(reference, base):
            return _nobody(draft, path)  # told as such: it would be wrong to say that the number is missing
        return _of_identifiers(draft, _logical(reference), path, link, None)
    if node.type != "Patient":
        draft.findings.add("ID-MISSING", path)
        return _nobody(draft, path)
    listed = _listed(node)
    if "identifier" in reference:
        if not listed:
            listed = [(reference["identifier"], path + ".identifier")]
        elif "reference" in reference:
            _hold_against(draft, reference["identifier"], path + ".identifier", listed)
    return _of_identifiers(draft, listed, node.path, link, node)


def read_patient(draft: Draft, node: Node) -> Patient:
    """The patient that a Patient resource is, without any reference to it."""
    return _of_identifiers(draft, _listed(node), node.path, (), node)


def _listed(node: Node) -> list[tuple[dict[str, Any], str]]:
    return [
        (identifier, f"{node.path}.identifier[{index}]")
        for index, identifier in enumerate(node.resource.get("identifier", ()))
    ]


def _nobody(draft: Draft, path: str) -> Patient:
    draft.absent("patient.id", path)
    return Patient()


def _hold_against(
    draft: Draft, stated: dict[str, Any], path: str, listed: list[tuple[dict[str, Any], str]]
) -> None:
    """A number beside the reference must be one that the patient has, or once had."""
    number = _number_of(draft, stated)
    numbers = {own: at for identifier, at in listed if (own := _number_of(draft, identifier))}
    if number is not None and numbers and number not in numbers:
        draft.findings.add(
            "ID-REFERENCE-CONFLICT", path + ".value", *(at + ".value" for at in numbers.values())
        )


def _number_of(draft: Draft, identifier: dict[str, Any]) -> str | None:
    system = _KINDS.get(draft.context.aliases.name(identifier.get("system", "")))
    found = parse_identity(identifier.get("value", ""), system) if system is not None else None
    return found.id if isinstance(found, Identity) else None


def _logical(reference: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    identifier = reference.get("identifier")
    return [(identifier, "")] if identifier else []


def _of_identifiers(
    draft: Draft,
    listed: list[tuple[dict[str, Any], str]],
    owner: str,
    link: tuple[str, ...],
    node: Node | None,
) -> Patient:
    identity, paths = _identity(draft, listed, owner, link)
    if identity is not None:
        draft.trace_alike(("patient.id", "patient.kind"), paths, _by(identity))
    patient = node.resource if node is not None else {}
    where = node.path if node is not None else owner
    if identity is not None:
        _contradictions(draft, identity, patient, where, paths)
    born = _birth_date(draft, identity, patient, where, paths)
    sex = _sex(draft, identity, patient, where, paths)
    protected = _protected(draft, patient, where)
    return Patient(
        id=identity.id if identity else None,
        kind=identity.kind if identity else None,
        fodelsedatum=born,
        kon=sex,
        alder=_age(draft, born),
        skyddad=protected,
        lkf=residence(draft, node, protected=protected),
    )


def _identity(
    draft: Draft, listed: list[tuple[dict[str, Any], str]], owner: str, link: tuple[str, ...]
) -> tuple[Identity | None, tuple[str, ...]]:
    """The number to use, and the paths that took part in choosing it."""
    names = draft.context.aliases
    found: list[Identity | IdentityProblem] = []
    where: list[str] = []
    systems: list[str] = []
    considered: list[str] = []
    for identifier, path in listed:
        value = identifier.get("value")
        if not path:
            path = owner + ".identifier"
        if identifier.get("use") == "old":
            considered.append(path + ".use")
            continue
        considered += (f"{path}.{name}" for name in ("system", "use") if name in identifier)
        if not value:
            continue
        system = names.name(identifier.get("system", ""))
        if system in _KINDS or ("system" not in identifier and len(listed) == 1):
            found.append(parse_identity(value, _KINDS.get(system)))
            where.append(path + ".value")
            systems.append(system or "")
    index = choose_identity(found)
    if index is None:
        draft.findings.add("ID-MISSING", owner, *considered)
        draft.absent("patient.id", *([path for _, path in listed if path] or (owner + ".identifier",)))
        return None, ()
    chosen = found[index]
    paths = (where[index], *considered, *(path for path in where if path != where[index]), *link)
    if isinstance(chosen, IdentityProblem):
        draft.findings.add(chosen.rule, *paths, kind=chosen.kind or "")
        draft.absent("patient.id", where[index], *(path for path in where if path != where[index]))
        return None, ()
    if chosen.remark is not None:
        draft.findings.add(chosen.remark, *paths, kind=chosen.kind, system=systems[index])
    numbers = {other.id for other in found if isinstance(other, Identity) and other.kind == _PERSONNUMMER}
    if len(numbers) > 1:
        draft.findings.add("ID-TWO-PERSONS", *where)
    elif any(isinstance(other, IdentityProblem) or other.id != chosen.id for other in found):
        draft.findings.add("ID-SEVERAL", *where, kind=chosen.kind)
    return chosen, paths


def _by(identity: Identity) -> tuple[str, ...]:
    return ("PATIENT-ID",) if identity.remark is None else ("PATIENT-ID", identity.remark)


def _contradictions(
    draft: Draft, identity: Identity, patient: dict[str, Any], path: str, paths: tuple[str, ...]
) -> None:
    for rule in contradictions(identity, patient.get("birthDate"), patient.get("gender")):
        name = ".birthDate" if rule == "ID-BIRTHDATE" else ".gender"
        draft.findings.add(rule, path + name, paths[0])


def _birth_date(
    draft: Draft, identity: Identity | None, patient: dict[str, Any], path: str, paths: tuple[str, ...]
) -> str | None:
    """The number's birth date; the sender's where the number does not tell."""
    own: str | None = patient.get("birthDate")
    stated = (path + ".birthDate",) if own else ()
    if identity is not None and identity.fodelsedatum:
        draft.trace("patient.fodelsedatum", (paths[0], *stated), ("PATIENT-FROM-ID",))
        return identity.fodelsedatum
    if own is None or len(own) != _WHOLE_DATE:
        if own is not None:
            draft.findings.add("PATIENT-BIRTHDATE-PARTIAL", *stated)
        return None
    draft.trace("patient.fodelsedatum", stated)
    return own


def _age(draft: Draft, born: str | None) -> int | None:
    """Whole years on the date of care; None where either day is not known, or care came before birth."""
    if born is None or draft.date is None or draft.date < born:
        return None
    years = int(draft.date[:4]) - int(born[:4]) - (draft.date[5:] < born[5:])
    draft.trace(
        "patient.alder",
        (*draft.provenance["patient.fodelsedatum"].paths, *draft.date_paths),
        ("PATIENT-AGE",),
    )
    return years


def _sex(
    draft: Draft, identity: Identity | None, patient: dict[str, Any], path: str, paths: tuple[str, ...]
) -> Literal["M", "K"] | None:
    own = patient.get("gender")
    stated = (path + ".gender",) if own else ()
    if identity is not None and identity.kon:
        draft.trace("patient.kon", (paths[0], *stated), ("PATIENT-FROM-ID",))
        return identity.kon
    sex = _SEX.get(own or "")
    if sex is not None:
        draft.trace("patient.kon", stated)
    elif own:
        draft.findings.add("PATIENT-SEX-UNKNOWN", *stated)
    return sex


def _protected(draft: Draft, patient: dict[str, Any], path: str) -> bool:
    """Whether meta.security marks the identity as protected (sekretess or skyddad folkbokföring)."""
    aliases = draft.context.aliases
    paths: tuple[str, ...] = ()
    protected = False
    for index, label in enumerate(patient.get("meta", {}).get("security", ())):
        at = f"{path}.meta.security[{index}]"
        code = label.get("code", "").lower() in _PROTECTED
        system = aliases.name(label.get("system", "")) == "security-label"
        paths += ((at + ".code",) if system else ()) + ((at + ".system",) if code else ())
        protected = protected or (code and system)
    draft.trace("patient.skyddad", paths, ("PATIENT-PROTECTED",))
    return protected
