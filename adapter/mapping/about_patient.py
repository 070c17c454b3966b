"""A contact about the patient, by the KVÅ code of a conference about the patient (XS008).

PMO, *Kontakt med personal om patient*: always used for contact with other staff about a patient who is not
present. HLM-REHAB, *Övriga KVÅ:er*: XS008 is a conference about the patient.
"""

from adapter.domain.codes import CONFERENCE_ABOUT_PATIENT
from adapter.mapping.actions import Actions
from adapter.mapping.channel import Channel, paths_of
from adapter.mapping.draft import Draft

ABOUT_PATIENT = "kontakt-om-patient"


def has_conference(actions: Actions) -> bool:
    """Whether a conference about the patient is among the actions."""
    return any(action.coded.code == CONFERENCE_ABOUT_PATIENT for action in actions.listed)


def about_patient(draft: Draft, actions: Actions, channel: Channel) -> str | None:
    """The type of a contact whose type nobody stated, traced; None when it is not about the patient only.

    Evidence that the patient was met, or spoken or written with, weighs more: a warning names both sides, and
    the channel decides. That the contact was at a distance says nothing of with whom it was.
    """
    found = [action for action in actions.listed if action.coded.code == CONFERENCE_ABOUT_PATIENT]
    if not found:
        return None
    paths = tuple(path for action in found for path in action.paths)
    with_patient = [piece for piece in channel.evidence if piece.says != "distans"]
    if with_patient:
        draft.findings.add("KT-OM-PATIENT-MOTSAGD", *found[0].coded.paths, *paths_of(with_patient))
        return None
    maps = tuple(dict.fromkeys(one for action in found for one in action.coded.by))
    draft.trace("kontakt.typ", (*paths, *channel.paths), (*maps, "KT-OM-PATIENT-KVA"))
    return ABOUT_PATIENT
