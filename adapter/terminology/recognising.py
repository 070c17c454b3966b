"""What a delivered file is, by its content."""

from pathlib import Path

from adapter.errors import PackError
from adapter.mapping.aliases import READ_AS, load_aliases
from adapter.resources import data_folder
from adapter.terminology.code_system import read_code_system
from adapter.terminology.mek import read_mek
from adapter.terminology.rows import MOST_BYTES, Delivery, Unreadable
from adapter.terminology.sheets import read_sheets
from adapter.terminology.texts import read_text

_ZIP, _OLE, _BOM = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"


def recognised(path: Path, system: str) -> tuple[Delivery, bytes]:
    """The file as rows, and its bytes. Raises Unreadable that names file and line."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{path}:1: the file is larger than {MOST_BYTES} bytes")
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}:1: the file cannot be read ({error.strerror})") from None
    units = system == "kombika"
    name = str(path)
    begin = raw.removeprefix(_BOM).lstrip()[:1]
    if not begin:
        raise Unreadable(f"{name}:1: the file is empty")
    if raw.startswith((_ZIP, _OLE)):
        return read_sheets(name, raw, units=units), raw
    if begin == b"<":
        if not units:
            raise Unreadable(f"{name}:1: XML is taken for --system kombika only")
        return read_mek(name, raw), raw
    if begin in (b"{", b"["):
        if units:
            raise Unreadable(f"{name}:1: units are taken as CSV, Excel or XML, not as JSON")
        delivery, resource = read_code_system(name, raw)
        _require_system(name, str(resource.get("url") or ""), system)
        return delivery, raw
    return read_text(name, raw, units=units), raw


def _require_system(name: str, url: str, system: str) -> None:
    """Refuse a CodeSystem that says that it is another one."""
    try:
        known = load_aliases(data_folder("mappings") / "naming-systems").name(url) if url else None
    except PackError:
        known = None
    if known is not None and READ_AS.get(known, known) != system:
        raise Unreadable(f"{name}:1: the CodeSystem says that it is {known}, not {system}")
