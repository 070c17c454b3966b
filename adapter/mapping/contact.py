"""How the contact took place: kind, type, channel and attributes, put together from their concerns."""

import msgspec

from adapter.domain.codes import REHAB_COORDINATION
from adapter.domain.event import Kind, Kontakt, Personal
from adapter.fhir.bundle import Node
from adapter.mapping.about_patient import about_patient, has_conference
from adapter.mapping.actions import Action, Actions
from adapter.mapping.attributes import acute, planned, tax, visit_type
from adapter.mapping.care_form import home_care
from adapter.mapping.channel import (
    Channel,
    by_class,
    by_technique,
    paths_of,
    says_of_class,
    tell_contradiction,
    weigh,
)
from adapter.mapping.classes import INPATIENT, class_code, paths_that_decide
from adapter.mapping.codings import leaves
from adapter.mapping.contact_type import (
    CHANGED_BY_REFERRAL,
    COORDINATION,
    NOWHERE,
    REPLACES,
    TRIAGE,
    WITHOUT_PATIENT,
    Circumstances,
    Referral,
    Stated,
    check_edition,
    choose_type,
    implied,
    one_stated,
)
from adapter.mapping.coordination import coordinator
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.draft import Draft
from adapter.mapping.extensions import own_extensions
from adapter.mapping.housing import check_clinic, check_place, housing
from adapter.mapping.places import by_locations
from adapter.mapping.qualified import Qualified, check, qualify, tell
from adapter.mapping.remittent import referrer
from adapter.mapping.replacing import Word, held_against_type, traced, word_of_sender
from adapter.mapping.signs import Circle, Made
from adapter.mapping.subject import Subjects
from adapter.mapping.type_codings import Types, sort_types, tell_unused

_Paths = tuple[str, ...]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What the other concerns know of the contact."""

    encounters: tuple[Node, ...]
    actions: Actions
    diagnoses: Diagnoses
    subjects: Subjects
    made: Made
    staff: tuple[Personal, ...]
    staff_paths: _Paths
    group: _Paths = ()
    team: _Paths = ()
    referral: Referral = NOWHERE


def map_contact(draft: Draft, setting: Setting) -> tuple[Kind, Kontakt]:
    """Kind of event and the contact's members."""
    main = setting.encounters[0]
    extensions = own_extensions(*setting.encounters)
    types = sort_types(draft, setting.encounters)
    kind = _kind(draft, main, types, setting)
    stated = one_stated(draft, types.stated)
    tell_unused(draft, types, stated, kind)
    channel = _channel(draft, setting, types, stated, kind)
    word = word_of_sender(draft, extensions)
    typ, replaces = None, None
    if kind == "vardkontakt":
        if stated is not None:
            typ, replaces = _stated(draft, setting, stated, word)
        else:
            typ, replaces = _unstated(draft, setting, channel, types, word)
        check_edition(draft, typ, draft.provenance["kontakt.typ"].paths[:2] if typ else ())
    if channel.kanal is not None:
        draft.trace("kontakt.kanal", channel.paths, channel.rules)
    if kind == "vardkontakt" and typ is None:
        draft.absent("kontakt.typ", main.path + ".type")
    kontakt = Kontakt(
        typ=typ,
        kanal=channel.kanal,
        ersatter_besok=replaces,
        akut=acute(draft, setting.encounters),
        planerad=planned(draft, main),
        besokstyp=visit_type(draft, main, types.visit),
        taxa=tax(draft, main, extensions),
        boendeform=housing(draft, setting.encounters, extensions, typ),
        i_hemmet=_at_home(draft, channel),
        remittent=referrer(draft, main),
        hemsjukvard=home_care(draft, setting.encounters),
    )
    if typ == "mottagningsbesok":
        check_clinic(draft, setting.encounters, kontakt.boendeform, stated=stated is not None)
    return kind, kontakt


def _at_home(draft: Draft, channel: Channel) -> bool:
    """Whether class, place or stated type say that the patient was met at home, whatever the type is."""
    found = channel.at("hem")
    if found and channel.kanal == "fysisk":
        draft.trace(
            "kontakt.i_hemmet", paths_of(found), tuple(dict.fromkeys(by for one in found for by in one.by))
        )
        return True
    return False


def _stated(draft: Draft, setting: Setting, stated: Stated, word: Word) -> tuple[str, bool | None]:
    """The sender's explicit type, checked; PMO changes the type of a call that led to a visit."""
    changes = stated.code in CHANGED_BY_REFERRAL and setting.referral and word.value is not True
    if changes:
        paths = (*stated.paths, *setting.referral.paths, *draft.date_paths)
        draft.trace("kontakt.typ", paths, (*stated.by, *setting.referral.by))
        draft.findings.add("KT-TRIAGE-ANDRAD", *stated.paths, *setting.referral.paths)
        held_against_type(draft, stated, word)
        return TRIAGE, None
    draft.trace("kontakt.typ", (*stated.paths, *draft.date_paths), stated.by)
    held_against_type(draft, stated, word)
    check_place(draft, setting.encounters, stated)
    if stated.code == TRIAGE and not setting.referral:
        draft.findings.add("KT-TRIAGE-UTAN-BESOK", *stated.paths)
    replaces = traced(draft, stated.code, word, stated)
    if stated.code in REPLACES:
        _check_word(draft, setting, stated.paths)
    return stated.code, replaces


def _unstated(
    draft: Draft, setting: Setting, channel: Channel, types: Types, word: Word
) -> tuple[str | None, bool | None]:
    """The type that evidence gives, with what there is to say of a distance contact."""
    about = about_patient(draft, setting.actions, channel)
    if about is not None:
        if types.triage:
            draft.findings.add("KT-TYP-OANVAND", *leaves(types.triage))
        return about, traced(draft, about, word, None)
    if word.torn and channel.distant:  # a sender of two minds is not taken to mean the cheaper
        return None, None
    asked = channel.kanal not in (None, "fysisk")
    found = _qualify(draft, setting) if asked and word.value is None else None
    typ = _chosen(draft, setting, channel, types, word, found)
    if found is not None:
        tell(draft, found, channel.paths, triage=typ == TRIAGE)
    replaces = traced(draft, typ, word, None)
    if replaces and word.value:
        _check_word(draft, setting, word.paths)
    return typ, replaces


def _qualify(draft: Draft, setting: Setting) -> Qualified:
    circle = Circle(draft, setting.encounters, setting.subjects, setting.made)
    return qualify(circle, setting.diagnoses, setting.actions)


def _check_word(draft: Draft, setting: Setting, paths: _Paths) -> None:
    """The sender's word that a contact replaces a visit: a diagnosis must be there, a decision should."""
    if not setting.diagnoses.members:
        draft.findings.add("KT-ERSATTER-UTAN-DIAGNOS", *paths[:1])
    else:
        check(draft, _qualify(draft, setting), paths)


def _kind(draft: Draft, main: Node, types: Types, setting: Setting) -> Kind:
    """Inpatient care by class, coordination by GC001 or explicit type, else a vårdkontakt."""
    given = paths_that_decide(main, INPATIENT, draft.context.aliases)
    if class_code(main, draft.context.aliases) in INPATIENT:
        draft.trace("kind", (*given, *leaves(types.inpatient)), ("KT-SLUTENVARD",))
        return "vardtillfalle"
    if types.inpatient:
        stated = (leaves(types.inpatient)[0], "slutenvard")
        of_class = (main.path + ".class.code", says_of_class(class_code(main, draft.context.aliases)))
        tell_contradiction(draft, stated, of_class, (*leaves(types.inpatient), *given))
    coordinating: list[Action] = [
        action for action in setting.actions.listed if action.coded.code == REHAB_COORDINATION
    ]
    explicit = [stated for stated in types.stated if stated.code == COORDINATION]
    role, by = coordinator(draft, setting.encounters, setting.staff)
    if coordinating or explicit or role:
        paths = (
            *(path for action in coordinating for path in action.paths),
            *(path for stated in explicit for path in stated.paths),
            *role,
        )
        others = [stated for stated in types.stated if stated.code != COORDINATION]
        if others and not explicit:
            draft.findings.add("KT-KOORDINERING-MOTSAGD", *(p for one in others for p in one.paths), *paths)
        rules = ("KT-KOORDINERING",) if coordinating or explicit else ()
        draft.trace("kind", (*paths, *given), (*rules, *(("KT-KOORDINERING-ROLL", *by) if role else ())))
        return "koordineringsinsats"
    draft.trace("kind", given, ("KT-VARDKONTAKT",))
    return "vardkontakt"


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
    told = stated is not None or has_conference(setting.actions)
    if channel.kanal is None and channel.sound and not told:
        draft.findings.add("KT-KANAL-SAKNAS", *(channel.paths or (setting.encounters[0].path,)))
    return channel


def _chosen(
    draft: Draft, setting: Setting, channel: Channel, types: Types, word: Word, found: Qualified | None
) -> str | None:
    several = setting.staff_paths if len(setting.staff) > 1 else ()
    shown = ("KT-ERSATTER",) if found is None else ("KT-ERSATTER-UNDERLAG", *found.rules)
    given = Circumstances(
        group=setting.group,
        several_staff=(*several, *setting.team) if several else (),
        triage=leaves(types.triage),
        referral=setting.referral,
        replaces=bool(word.value) if found is None else found.replaces,
        replaces_paths=word.paths if found is None else found.paths,
        replaces_by=shown,
    )
    chosen = choose_type(channel, given)
    if chosen.typ is not None:
        draft.trace("kontakt.typ", tuple(dict.fromkeys(chosen.paths)), chosen.by)
    return chosen.typ
