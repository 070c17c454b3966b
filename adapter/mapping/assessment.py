"""Evidence that a medical assessment was made: a diagnosis, or a KVÅ code that says what was done.

SOU 2017:53 (cited by SKR-FAQ, *Vad är definitionen av medicinsk bedömning?*): a conclusion told to the
patient, documented as a diagnosis or an action code.
"""

from adapter.domain.codes import CONFERENCES, TECHNIQUE_CODES
from adapter.fhir.bundle import Node
from adapter.mapping.actions import Actions
from adapter.mapping.diagnoses import Diagnoses
from adapter.mapping.draft import Draft
from adapter.mapping.signs import Sign

_PROFESSIONS = frozenset(f"XS{number}" for number in range(910, 927))
"""KVÅ codes that say who gave the care, not what was done."""
_SUPPLEMENT = "Z"
"""Z codes only supplement another code (HLM-REHAB, *A-X utgör självständiga koder*)."""


def assessed(
    draft: Draft, encounters: tuple[Node, ...], diagnoses: Diagnoses, actions: Actions
) -> Sign | None:
    """What shows the assessment: the main diagnosis, else the first KVÅ code that tells of one."""
    if diagnoses.members:
        paths = draft.provenance["diagnoser[0].kod"].paths
        return Sign("KVAL-BEDOMNING-DIAGNOS", _node_of(draft, paths[0], encounters[0]), paths)
    for action in actions.listed:
        if _tells(action.coded.code):
            return Sign("KVAL-BEDOMNING-KVA", action.node, action.paths, action.coded.by)
    return None


def _tells(code: str) -> bool:
    silent = code in TECHNIQUE_CODES or code in CONFERENCES or code in _PROFESSIONS
    return not silent and not code.startswith(_SUPPLEMENT)


def _node_of(draft: Draft, path: str, otherwise: Node) -> Node:
    """The entry's resource in which a path stands."""
    entry = path.partition("[")[2].partition("]")[0]
    return draft.bundle.node(int(entry)) or otherwise
