"""The XML form of Region Stockholm's table of units (MEK): pairs of kombika and HSA-id with instants.

<mappningar xmlns="http://brainpool.se/mek/MEK.xsd" ExportDatum="..."><mappning>
  <Kombikakod>19108011M04</Kombikakod><HSAId>SE2321000016-14L1</HSAId>
  <FromDatum>2007-04-03T00:00:00+02:00</FromDatum><TomDatum>...</TomDatum>
"""

from collections.abc import Iterator

from lxml import etree

from adapter.terminology.days import day_of
from adapter.terminology.rows import Delivery, Row, Unreadable

_CODE, _UNIT, _START, _ENDS = "Kombikakod", "HSAId", "FromDatum", ("TomDatum", "TillDatum")


def read_mek(name: str, raw: bytes) -> Delivery:
    """The XML of a table of units. Raises Unreadable that names file and line."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            f"{name}:{error.lineno or 1}: this is no XML that can be read: {error.msg}"
        ) from None
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise Unreadable(f"{name}:1: a document type is not taken")
    if etree.QName(root).localname != "mappningar":
        raise Unreadable(f"{name}:{_line(root)}: expected <mappningar>")
    return Delivery(
        name=name,
        form="XML (MEK)",
        rows=_rows(name, root),
        columns={"code": _CODE, "hsaId": _UNIT, "from": _START, "to": _ENDS[0]},
        dated=str(root.get("ExportDatum") or "")[:10],
    )


def _rows(name: str, root: etree._Element) -> Iterator[Row]:
    for pair in root.iterchildren(etree.Element):
        said = {
            etree.QName(one).localname: (one.text or "").strip() for one in pair.iterchildren(etree.Element)
        }
        line = _line(pair)
        if not said.get(_CODE) or not said.get(_UNIT):
            raise Unreadable(f"{name}:{line}: a mappning needs {_CODE} and {_UNIT}")
        try:
            ends = next((said[end] for end in _ENDS if said.get(end)), None)
            start, end = day_of(said.get(_START)), day_of(ends)
        except ValueError as error:
            raise Unreadable(f"{name}:{line}: {error}") from None
        yield Row(line=line, code=said[_CODE], unit=said[_UNIT], start=start, end=end)


def _line(element: etree._Element) -> int:
    found = element.sourceline
    return found if isinstance(found, int) else 1
