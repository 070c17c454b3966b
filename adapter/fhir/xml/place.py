"""Where an element stands, as its JSON twin's FHIRPath. Worked out only when something is wrong."""

from lxml import etree

from adapter.fhir.xml.order import ELEMENT, RESOURCE, Part, Shape, order, shape_of, shape_of_any_resource


def path_of(node: etree._Element) -> str:
    """The path of an element, or of the innermost known one around it: no name that R4 has not is told."""
    way = [*reversed([*node.iterancestors()]), node]
    name = etree.QName(way[0]).localname
    shape = _resource(name)
    path = name if name in order().resources else RESOURCE
    inside = False
    for step in way[1:]:
        name = etree.QName(step).localname
        if inside:
            shape, inside = _resource(name), False
            continue
        part = shape.parts.get(name)
        if part is None:
            return path
        path += f".{name}{_index(step, part)}"
        inside = part.type == RESOURCE
        shape = shape_of(ELEMENT if part.primitive else part.type) or shape_of_any_resource()
    return path


def _resource(name: str) -> Shape:
    return (shape_of(name) if name in order().resources else None) or shape_of_any_resource()


def _index(node: etree._Element, part: Part) -> str:
    """The element's number among its like, for those that can be repeated."""
    return f"[{sum(1 for _ in node.itersiblings(node.tag, preceding=True))}]" if part.many else ""
