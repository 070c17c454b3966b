"""How the contact took place: kind, type, channel and attributes, put together from their concerns."""

import msgspec

from adapter.domain.codes import REHAB_COORDINATION
from adapter.domain.event import Kind, Kontakt
from adapter.fhir.bundle import Node
from adapter.mapping.actions import Action, Actions
from adapter.mapping.attributes import acute, housing, planned, tax, visit_type
from adapter.mapping.channel import (
    Channel,
    Evidence,
    by_class,
    by_technique,
    by_type,
    paths_of,
    says_inpatient,
    weigh,
)
from adapter.mapping.classes import INPATIENT, class_code, paths_that_decide
from adapter.mapping.codings import Coding, codings_in, leaves
from adapter.mapping.contact_type import (
    COORDINATION,
    DOES_NOT_REPLACE,
    REPLACES,
    WITHOUT_PATIENT,
    Circumstances,
    Stated,
    choose_type,
    implied,
    one_stated,
    stated_type,
)
from adapter.mapping.draft import Draft
from adapter.mapping.extensions import Extension, own_extensions
from adapter.mapping.places import by_locations
from adapter.mapping.remittent import referrer

_Paths = tuple[str, ...]

_TRIAGE_CODE = "225390008"
"""SNOMED CT: triage (procedure)."""


class Types(msgspec.Struct, frozen=True):
    """The codings of Encounter.type, sorted by what they are good for."""

    stated: list[Stated]
    evidence: list[Evidence]
    visit: list[Coding]
    triage: list[Coding]
    inpatient: list[Coding]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What the other concerns know of the contact."""

    encounters: tuple[Node, ...]
    actions: Actions
    has_diagnoses: bool
    staff_paths: _Paths
    staff_count: int
    group: _Paths = ()
    team: _Paths = ()
    referred: _Paths = ()


def map_contact(draft: Draft, setting: Setting) -> tuple[Kind, Kontakt]:
    """Kind of event and the contact's members."""
    main = setting.encounters[0]
    extensions = own_extensions(*setting.encounters)
    types = _types(draft, setting.encounters)
    kind = _kind(draft, main, types, setting)
    stated = one_stated(draft, types.stated)
    _tell_unused(draft, types, stated, kind)
    channel = _channel(draft, setting, types, stated, kind)
    replaces, replaces_paths = _stated_replaces(draft, extensions)
    typ = None
    if kind == "vardkontakt":
        if stated is not None:
            typ = stated.code
            draft.trace("kontakt.typ", (*stated.paths, *draft.date_paths), stated.by)
            replaces = _check_replaces(draft, stated, replaces, replaces_paths)
        else:
            torn = "ersatter-besok" in extensions and not extensions["ersatter-besok"].agrees
            if not (torn and channel.distant):  # a sender of two minds is not taken to mean the cheaper
                typ = _chosen(draft, setting, channel, types, bool(replaces), replaces_paths)
        replaces = _replaces(draft, channel, typ, replaces, replaces_paths, stated)
        if replaces and not setting.has_diagnoses:
            draft.findings.add("KT-ERSATTER-UTAN-DIAGNOS", *(draft.provenance["kontakt.typ"].paths[:1]))
    else:
        replaces = None
    if channel.kanal is not None:
        draft.trace("kontakt.kanal", channel.paths, channel.rules)
    if kind == "vardkontakt" and typ is None:
        draft.absent("kontakt.typ", main.path + ".type")
    return kind, Kontakt(
        typ=typ,
        kanal=channel.kanal,
        ersatter_besok=replaces,
        akut=acute(draft, setting.encounters),
        planerad=planned(draft, main),
        besokstyp=visit_type(draft, main, types.visit),
        taxa=tax(draft, main, extensions),
        boendeform=housing(draft, extensions),
        remittent=referrer(draft, main),
    )


def _types(draft: Draft, encounters: tuple[Node, ...]) -> Types:
    """Sort the type codings; one that is good for nothing is told of."""
    types = Types([], [], [], [], [])
    for encounter in encounters:
        concepts = encounter.resource.get("type")
        if not concepts:
            continue
        for coding in codings_in(concepts, encounter.path + ".type", draft.context.aliases):
            if coding.system == "gvr-btyp":
                types.visit.append(coding)
            elif (stated := stated_type(draft, coding)) is not None:
                types.stated.append(stated)
            elif (evidence := by_type(draft, coding)) is not None:
                types.evidence.append(evidence)
            elif coding.system == "snomed-ct" and coding.code == _TRIAGE_CODE:
                types.triage.append(coding)
            elif says_inpatient(draft, coding):
                types.inpatient.append(coding)
            elif coding.system == "kv_vardkontakttyp" and draft.context.sender.vardkontakttyp_reading is None:
                draft.findings.add("KT-KV-LASNING", *coding.paths)
            else:
                draft.findings.add("KT-TYP-OANVAND", *coding.paths)
    return types


def _kind(draft: Draft, main: Node, types: Types, setting: Setting) -> Kind:
    """Inpatient care by class, coordination by GC001 or explicit type, else a vårdkontakt."""
    given = paths_that_decide(main, INPATIENT, draft.context.aliases)
    if class_code(main, draft.context.aliases) in INPATIENT:
        draft.trace("kind", (*given, *leaves(types.inpatient)), ("KT-SLUTENVARD",))
        return "vardtillfalle"
    if types.inpatient:
        draft.findings.add("KT-KANAL-MOTSAGD", *leaves(types.inpatient), *given)
    coordinating: list[Action] = [
        action for action in setting.actions.listed if action.coded.code == REHAB_COORDINATION
    ]
    explicit = [stated for stated in types.stated if stated.code == COORDINATION]
    if coordinating or explicit:
        paths = (
            *(path for action in coordinating for path in action.paths),
            *(path for stated in explicit for path in stated.paths),
        )
        others = [stated for stated in types.stated if stated.code != COORDINATION]
        if others and not explicit:
            draft.findings.add("KT-KOORDINERING-MOTSAGD", *(p for one in others for p in one.paths), *paths)
        draft.trace("kind", (*paths, *given), ("KT-KOORDINERING",))
        return "koordineringsinsats"
    draft.trace("kind", given, ("KT-VARDKONTAKT",))
    return "vardkontakt"


def _tell_unused(draft: Draft, types: Types, stated: Stated | None, kind: Kind) -> None:
    """Type codings that a contact without patient, a stated type or inpatient care leaves no room for."""
    unused: _Paths = ()
    if kind == "vardtillfalle":
        unused += tuple(path for one in types.stated for path in one.paths)
    if kind == "vardtillfalle" or (stated is not None and stated.code in WITHOUT_PATIENT):
        unused += paths_of(types.evidence)
    if kind != "vardkontakt" or stated is not None:
        unused += leaves(types.triage)
    if unused:
        draft.findings.add("KT-TYP-OANVAND", *unused)


def _channel(draft: Draft, setting: Setting, types: Types, stated: Stated | None, kind: Kind) -> Channel:
    """Weigh the evidence; a contact without patient has no channel, and its class says nothing."""
    if kind == "vardtillfalle":
        return Channel(None, False, True, ())
    if stated is not None and stated.code in WITHOUT_PATIENT:
        return Channel(None, False, True, ())
    silent: _Paths = ()
    technique = by_technique(setting.actions.listed)
    evidence = [*types.evidence, *technique]
    if stated is not None and (own := implied(stated)) is not None:
        evidence.insert(0, own)
    if kind == "koordineringsinsats":
        # with or without the patient: the class says nothing of how the work was done
        return weigh(draft, evidence)
    for encounter in setting.encounters:
        of_class = by_class(draft, encounter)
        if of_class is not None:
            evidence.append(of_class)
        if "location" in encounter.resource:
            at_place, looked_at = by_locations(draft, encounter)
            evidence += at_place
            silent += looked_at
    channel = weigh(draft, evidence, silent)
    if channel.at("hem") and channel.at("annan"):
        draft.findings.add(
            "KT-PLATS-MOTSAGD", *paths_of([piece for piece in channel.evidence if piece.place])
        )
    if channel.kanal is None and channel.sound and stated is None:
        draft.findings.add("KT-KANAL-SAKNAS", *(channel.paths or (setting.encounters[0].path,)))
    return channel


def _chosen(
    draft: Draft,
    setting: Setting,
    channel: Channel,
    types: Types,
    replaces: bool,
    replaces_paths: _Paths,
) -> str | None:
    several = setting.staff_paths if setting.staff_count > 1 else ()
    given = Circumstances(
        group=setting.group,
        several_staff=(*several, *setting.team) if several else (),
        triage=leaves(types.triage),
        referred=setting.referred,
        replaces=replaces,
        replaces_paths=replaces_paths,
    )
    chosen = choose_type(channel, given)
    if chosen.typ is not None:
        draft.trace("kontakt.typ", tuple(dict.fromkeys(chosen.paths)), chosen.by)
    return chosen.typ


def _stated_replaces(draft: Draft, extensions: dict[str, Extension]) -> tuple[bool | None, _Paths]:
    """The sender's own word on whether the contact replaces a visit; two different words are an error."""
    found = extensions.get("ersatter-besok")
    if found is None:
        return None, ()
    if not found.agrees:
        draft.findings.add("KT-TILLAGG-OLIKA", *found.places)
        return None, ()
    value, paths = found.value("Boolean")
    if not isinstance(value, bool):
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return None, ()
    return value, paths


def _check_replaces(draft: Draft, stated: Stated, replaces: bool | None, paths: _Paths) -> bool | None:
    """What the explicit type says of replacing a visit; an extension that says otherwise is an error."""
    own = True if stated.code in REPLACES else False if stated.code in DOES_NOT_REPLACE else None
    if replaces is not None and own is not None and replaces != own:
        draft.findings.add("KT-ERSATTER-MOTSAGD", *stated.paths, *paths)
    return replaces if own is None else own


def _replaces(
    draft: Draft,
    channel: Channel,
    typ: str | None,
    replaces: bool | None,
    paths: _Paths,
    stated: Stated | None,
) -> bool | None:
    """Whether the contact replaces a visit: asked of distance contacts only, and no without evidence."""
    if typ in REPLACES or typ in DOES_NOT_REPLACE:
        if stated is not None:
            # the extension is only held against the type: its value can contradict, not decide
            draft.trace("kontakt.ersatter_besok", (*stated.paths, *paths[:1]), stated.by)
        else:
            origin = (*paths, *draft.provenance["kontakt.typ"].paths)
            rule = "KT-ERSATTER" if typ in REPLACES else "KT-ERSATTER-EJ"
            draft.trace("kontakt.ersatter_besok", tuple(dict.fromkeys(origin)), (rule,))
        if stated is None and not paths:
            draft.findings.add("KT-EJ-KVALIFICERAD", *channel.paths)
        return typ in REPLACES
    if replaces is not None:
        draft.findings.add("KT-ERSATTER-OANVAND", *paths)
    return None
