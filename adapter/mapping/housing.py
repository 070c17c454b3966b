"""The patient's form of housing at a visit at home: the sender's word, else the kind of the place.

PMO, *Hembesök*: the attribute Särskilt boende (short-stay included) or Ordinärt boende (LSS included).
"""

from adapter.fhir.bundle import Node
from adapter.mapping.attributes import coded
from adapter.mapping.classes import class_code, class_paths
from adapter.mapping.contact_type import Stated
from adapter.mapping.draft import Draft
from adapter.mapping.extensions import Extension
from adapter.mapping.places import Spot, spots

_MEMBER = "kontakt.boendeform"
_TYPE = "kontakt.typ"
_SPECIAL = "sarskilt-boende"
_HOME = "HH"
_SYSTEM = "boendeform"
_AT_HOME = frozenset(("hembesok", "teambesok"))


def housing(
    draft: Draft, encounters: tuple[Node, ...], extensions: dict[str, Extension], typ: str | None
) -> str | None:
    """Särskilt or ordinärt boende, as sent; where nothing is sent, by the place of a visit at home.

    `typ` is the contact's type, traced. A place that says otherwise than the sender, or than another place,
    is told.
    """
    extension = extensions.get(_SYSTEM)
    sent = coded(draft, extension, _SYSTEM, _MEMBER)
    looked_at = _spots(draft, encounters)
    forms = [spot for spot in looked_at if spot.form]
    if sent is not None:
        others = [spot for spot in forms if spot.form != sent]
        if others:
            _tell(draft, draft.provenance[_MEMBER].paths[:1], others)
        return sent
    if extension is not None or not forms or typ not in _AT_HOME:
        return None
    if len({spot.form for spot in forms}) > 1:
        _tell(draft, (), forms)
        return None
    _trace(draft, forms, looked_at)
    return forms[0].form


def check_place(draft: Draft, encounters: tuple[Node, ...], stated: Stated) -> None:
    """Warn of a stated mottagningsbesok in municipal housing, which PMO (*Mottagningsbesök*) excludes."""
    if stated.code != "mottagningsbesok":
        return
    housed = [path for spot in _spots(draft, encounters) if spot.is_municipal for path in spot.paths]
    if housed:
        draft.findings.add("KT-MOTTAGNING-BOENDE", *dict.fromkeys((*stated.paths, *housed)))


def check_clinic(draft: Draft, encounters: tuple[Node, ...], form: str | None, *, stated: bool) -> None:
    """Warn of a mottagningsbesok with särskilt boende as its `form`, or (where the type is `stated`) with a
    class that says that it was at home. For a contact whose type is mottagningsbesok, and is traced."""
    paths = draft.provenance[_MEMBER].paths if form == _SPECIAL else ()
    for encounter in encounters if stated else ():
        if class_code(encounter, draft.context.aliases) == _HOME:
            paths += class_paths(encounter)
    if paths:
        draft.findings.add("KT-PLATS-MISSTANKT", *dict.fromkeys((*draft.provenance[_TYPE].paths[:1], *paths)))


def _spots(draft: Draft, encounters: tuple[Node, ...]) -> list[Spot]:
    found: list[Spot] = []
    for encounter in encounters:
        if "location" in encounter.resource:
            found += spots(draft, encounter)
    return found


def _tell(draft: Draft, sent: tuple[str, ...], places: list[Spot]) -> None:
    paths = (path for spot in places for path in spot.paths)
    draft.findings.add("KT-BOENDEFORM-MOTSAGD", *dict.fromkeys((*sent, *paths)))


def _trace(draft: Draft, forms: list[Spot], looked_at: list[Spot]) -> None:
    """The places that say so, those that could have said otherwise, and what made it a visit at home."""
    paths = [path for spot in (*forms, *looked_at) for path in spot.paths]
    paths += draft.provenance[_TYPE].paths
    maps = [one for spot in forms for one in spot.maps]
    draft.trace(_MEMBER, tuple(dict.fromkeys(paths)), ("KT-BOENDEFORM-PLATS", *dict.fromkeys(maps)))
