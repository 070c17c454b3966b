"""A bundle that was read: its entries, its resources by type, and what its references lead to."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from adapter.fhir.reference import Literally, take_apart

Json = dict[str, Any]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]+")
"""An absolute uri, as a fullUrl is."""

_KNOWN = 200
_PATHS = tuple(f"Bundle.entry[{index}]" for index in range(_KNOWN))
_NODE_PATHS = tuple(f"{path}.resource" for path in _PATHS)


class Node(msgspec.Struct, frozen=True):
    """A resource and where it stands: `path` is its FHIRPath, `entry` the index of its entry."""

    type: str
    resource: Json
    path: str
    entry: int


class Entry(msgspec.Struct, frozen=True):
    """One entry. `resource` is None where there is none; `method` and `url` are the request's."""

    index: int
    path: str
    full_url: str | None = None
    resource: Json | None = None
    method: str | None = None
    url: str | None = None


class Bundle:
    """The bundle and the index of its references.

    `identifier` is (system, value); `raw` is the parsed JSON, which nobody may change; `types` tells the
    resource type behind each fullUrl. Resources are found by fullUrl, by ``Type/id`` and by identifier;
    versions in references are ignored. A bundle with flaws of structure is taken as far as it goes.
    `may_modify`: it may have modifier extensions or implicit rules.
    """

    def __init__(self, raw: Json, left_out: frozenset[int] = frozenset()) -> None:
        self.raw = raw
        self.type: str = _text(raw, "type") or ""
        self.id: str | None = _text(raw, "id")
        self.timestamp: str | None = _text(raw, "timestamp")
        self.identifier: tuple[str, str] | None = _pair(raw.get("identifier"))
        self.entries: tuple[Entry, ...] = ()
        self.may_modify = True
        self.types: dict[str, str] = {}
        self._nodes: list[Node | None] = []
        self._by_type: dict[str, list[Node]] = {}
        self._by_url: dict[str, Node] = {}
        self._identified: dict[tuple[str, str], list[Node]] | None = None
        self._resolved: dict[tuple[str, int], Node | None] = {}
        entries = raw.get("entry")
        self._index(entries if type(entries) is list else [], left_out)

    def without(self, left_out: frozenset[int]) -> "Bundle":
        """The bundle as if these entries were empty; the others keep their indexes and paths."""
        bundle = Bundle(self.raw, left_out)
        bundle.may_modify = self.may_modify
        return bundle

    def of_type(self, name: str) -> tuple[Node, ...]:
        """The resources of a type that stand in entries, in the order of the bundle."""
        return tuple(self._by_type.get(name, ()))

    def node(self, entry: int) -> Node | None:
        """The resource of an entry."""
        return self._nodes[entry]

    def resolve(self, reference: Json, base: Node) -> Node | None:
        """The resource that a Reference in `base` leads to, None when it is not in the bundle.

        Follows fullUrls and urn:uuid, ``Type/id`` (first beside the base's own fullUrl), absolute URLs,
        ``Type?identifier=system|value``, contained resources (``#id``, ``#``), and a Reference that has an
        identifier only. What fits more than one resource leads nowhere.
        """
        text = reference.get("reference")
        if isinstance(text, str) and text:
            exactly = self._by_url.get(text)
            if exactly is not None:
                return exactly
            key = (text, base.entry)
            if key not in self._resolved:
                self._resolved[key] = self._find(take_apart(text), base)
            found = self._resolved[key]
            if found is not None:
                return found
        pair = _pair(reference.get("identifier"))
        if pair is None:
            return None
        return _only(self._identified_as(pair, _kind(reference.get("type"))))

    def fits_several(self, reference: Json, base: Node) -> bool:
        """Whether a Reference leads nowhere because it fits more than one resource."""
        if self.resolve(reference, base) is not None:
            return False
        text = reference.get("reference")
        if isinstance(text, str) and text:
            return len(self._fitting(take_apart(text))) > 1
        pair = _pair(reference.get("identifier"))
        return pair is not None and len(self._identified_as(pair, _kind(reference.get("type")))) > 1

    def key(self, reference: Json, base: Node) -> str | None:
        """What a reference leads to, as a text that is equal for equal targets, resolved or not."""
        node = self.resolve(reference, base)
        if node is not None:
            return node.path
        text = reference.get("reference")
        if isinstance(text, str) and text:
            parts = take_apart(text)
            return f"{base.entry}{text}" if parts.form == "contained" else parts.url or text
        pair = _pair(reference.get("identifier"))
        return f"{_plain(pair[0])}|{pair[1]}" if pair is not None else None

    def _index(self, entries: list[Any], left_out: frozenset[int]) -> None:
        nodes, by_type, by_url, types = self._nodes, self._by_type, self._by_url, self.types
        listed = []
        for index, raw in enumerate(entries):
            entry = _entry(index, None if index in left_out else raw)
            listed.append(entry)
            resource = entry.resource
            name = resource.get("resourceType") if resource is not None else None
            if resource is None or type(name) is not str:
                nodes.append(None)
                continue
            node = Node(
                name, resource, _NODE_PATHS[index] if index < _KNOWN else f"{entry.path}.resource", index
            )
            nodes.append(node)
            of_type = by_type.get(name)
            if of_type is None:
                by_type[name] = [node]
            else:
                of_type.append(node)
            url = entry.full_url
            if url is not None and url not in by_url:
                by_url[url] = node
                if _ADDRESS.fullmatch(url):
                    # a reference is not right because a wrong fullUrl is the same
                    types[url] = name
        self.entries = tuple(listed)

    def _find(self, parts: Literally, base: Node) -> Node | None:
        if parts.form == "contained":
            return self._contained(parts.id, base)
        if parts.form == "conditional":
            return _only(self._meeting(parts))
        found = self._by_url.get(parts.url)
        if found is not None or not parts.id:
            return found
        if parts.form == "relative":
            own = self.entries[base.entry].full_url or ""
            root = own.rpartition("/")[0].rpartition("/")[0]
            found = self._by_url.get(f"{root}/{parts.url}") if root else None
            return found or self._by_id(parts, anywhere=True)
        return self._by_id(parts, anywhere=False)

    def _fitting(self, parts: Literally) -> list[Node]:
        """All resources that a literal reference could mean, where no fullUrl is it exactly."""
        if parts.form == "conditional":
            return self._meeting(parts)
        return self._with_id(parts, anywhere=parts.form == "relative") if parts.id and parts.type else []

    def _by_id(self, parts: Literally, anywhere: bool) -> Node | None:
        return _only(self._with_id(parts, anywhere))

    def _with_id(self, parts: Literally, anywhere: bool) -> list[Node]:
        """The resources with this type and id; not `anywhere`: only where no other server is named."""
        return [node for node in self.of_type(parts.type) if self._has_id(node, parts, anywhere)]

    def _has_id(self, node: Node, parts: Literally, anywhere: bool) -> bool:
        url = self.entries[node.entry].full_url or ""
        elsewhere = url[:4].lower() == "http"
        if node.resource.get("id") == parts.id:
            return anywhere or not elsewhere
        return anywhere and elsewhere and url.endswith(f"/{parts.url}")

    def _contained(self, wanted: str, base: Node) -> Node | None:
        root = self._nodes[base.entry]
        if root is None or not wanted:
            return root
        contained = root.resource.get("contained")
        for index, inner in enumerate(contained if isinstance(contained, list) else ()):
            if (
                isinstance(inner, dict)
                and inner.get("id") == wanted
                and isinstance(inner.get("resourceType"), str)
            ):
                path = f"{root.path}.contained[{index}]"
                return Node(inner["resourceType"], inner, path, base.entry)
        return None

    def _meeting(self, parts: Literally) -> list[Node]:
        """The resources that a conditional reference is met by."""
        name, _, value = parts.query.partition("=")
        value = unquote(value)
        if name == "_id":
            wanted = Literally("relative", parts.type, value, f"{parts.type}/{value}")
            return self._with_id(wanted, anywhere=True)
        system, bar, number = value.rpartition("|")
        if name != "identifier" or "&" in parts.query or not number:
            return []
        return self._identified_as((system, number), parts.type, any_system=not bar)

    def _identified_as(self, pair: tuple[str, str], kind: str | None, any_system: bool = False) -> list[Node]:
        if self._identified is None:
            self._identified = {}
            for node in self._nodes:
                for own in _pairs(node.resource) if node is not None else ():
                    self._identified.setdefault((_plain(own[0]), own[1]), []).append(node)  # type: ignore[arg-type]
        if any_system:
            fitting = [nodes for (_, value), nodes in self._identified.items() if value == pair[1]]
        else:
            fitting = [self._identified.get((_plain(pair[0]), pair[1]), [])]
        found = {node.entry: node for nodes in fitting for node in nodes if kind is None or node.type == kind}
        return list(found.values())


def _only(fitting: list[Node]) -> Node | None:
    return fitting[0] if len(fitting) == 1 else None


def _kind(stated: Any) -> str | None:
    """The resource type of Reference.type, which may be a name or its canonical URL."""
    return stated.rpartition("/")[2] if isinstance(stated, str) else None


def _entry(index: int, entry: Any) -> Entry:
    path = _PATHS[index] if index < _KNOWN else f"Bundle.entry[{index}]"
    if type(entry) is not dict:
        return Entry(index, path)
    resource, request, url = entry.get("resource"), entry.get("request"), entry.get("fullUrl")
    method = asked = None
    if type(request) is dict:
        method, asked = request.get("method"), request.get("url")
    return Entry(
        index,
        path,
        url if type(url) is str else None,
        resource if type(resource) is dict else None,
        method if type(method) is str else None,
        asked if type(asked) is str else None,
    )


def _text(owner: Json, name: str) -> str | None:
    value = owner.get(name)
    return value if type(value) is str else None


def _pair(identifier: Any) -> tuple[str, str] | None:
    """System ("" for none) and value of an Identifier that has a value."""
    if not isinstance(identifier, dict) or not isinstance(identifier.get("value"), str):
        return None
    return _text(identifier, "system") or "", identifier["value"]


def _pairs(resource: Json) -> Iterator[tuple[str, str]]:
    identifiers = resource.get("identifier")
    for identifier in identifiers if isinstance(identifiers, list) else [identifiers]:
        pair = _pair(identifier)
        if pair is not None:
            yield pair


def _plain(system: str) -> str:
    """A system as it is compared: without case, trailing slash and ``urn:oid:``."""
    return system.lower().rstrip("/").removeprefix("urn:oid:")
