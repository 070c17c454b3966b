"""Whether a request (R4's pattern *Request*) is meant: ordered, not proposed, drafted or forbidden."""

from adapter.mapping.signs import Belonging, Sign, leaf

_ORDERED = frozenset(("order", "original-order", "reflex-order", "filler-order", "instance-order"))


def intention(
    own: Belonging, statuses: frozenset[str], intents: frozenset[str] = _ORDERED, rule: str = ""
) -> Sign:
    """The leaves of status, intent and doNotPerform: deciding under `rule`, else KVAL-EJ-AVSIKT."""
    resource = own.node.resource
    paths = (
        *leaf(own.node, "status"),
        *leaf(own.node, "intent"),
        *leaf(own.node, "doNotPerform"),
        *own.paths,
    )
    if (
        resource.get("status") in statuses
        and resource.get("intent") in intents
        and resource.get("doNotPerform") is not True
    ):
        return Sign(rule, own.node, paths)
    return Sign("KVAL-EJ-AVSIKT", own.node, paths, decides=False)
