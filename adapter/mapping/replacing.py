"""Whether a distance contact replaces a visit: the sender's word, held against type and evidence."""

import msgspec

from adapter.mapping.contact_type import DOES_NOT_REPLACE, REPLACES, TRIAGE, Stated
from adapter.mapping.draft import Draft
from adapter.mapping.extensions import Extension

_Paths = tuple[str, ...]


class Word(msgspec.Struct, frozen=True):
    """The extension `ersatter-besok`: its value (None: not given, or no boolean) and where it stands.

    `torn`: it is given several times, with different values.
    """

    value: bool | None = None
    paths: _Paths = ()
    torn: bool = False


NO_WORD = Word()


def word_of_sender(draft: Draft, extensions: dict[str, Extension]) -> Word:
    """The sender's own word on whether the contact replaces a visit; two different words are an error."""
    found = extensions.get("ersatter-besok")
    if found is None:
        return NO_WORD
    if not found.agrees:
        draft.findings.add("KT-TILLAGG-OLIKA", *found.places)
        return Word(torn=True)
    value, paths = found.value("Boolean")
    if not isinstance(value, bool):
        draft.findings.add("KT-TILLAGG-VARDE", found.path)
        return NO_WORD
    return Word(value, paths)


def held_against_type(draft: Draft, stated: Stated, word: Word) -> None:
    """An extension that says otherwise than the explicit type is an error."""
    own = True if stated.code in REPLACES else False if stated.code in DOES_NOT_REPLACE else None
    if word.value is not None and own is not None and word.value != own:
        draft.findings.add("KT-ERSATTER-MOTSAGD", *stated.paths, *word.paths)


def traced(draft: Draft, typ: str | None, word: Word, stated: Stated | None) -> bool | None:
    """Whether a contact of this type replaces a visit, with its trace: asked of distance contacts only."""
    if typ not in REPLACES and typ not in DOES_NOT_REPLACE:
        if word.value is not None and not (typ == TRIAGE and word.value is False):
            draft.findings.add("KT-ERSATTER-OANVAND", *word.paths)
        return None
    if stated is not None:
        # the extension is only held against the type: its value can contradict, not decide
        draft.trace("kontakt.ersatter_besok", (*stated.paths, *word.paths[:1]), stated.by)
        return typ in REPLACES
    chosen = draft.provenance["kontakt.typ"]
    paths = tuple(dict.fromkeys((*word.paths, *chosen.paths)))
    rules = tuple(rule for rule in chosen.by if rule.startswith(("KT-ERSATTER", "KVAL-")))
    draft.trace("kontakt.ersatter_besok", paths, rules)
    return typ in REPLACES
