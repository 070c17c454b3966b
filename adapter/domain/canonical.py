"""The canonical base of our own FHIR artefacts; one setting (``canonical``) changes it everywhere.

What ships is written with `BASE`. Where another base is set, our code uses it, and what is read from the
shipped files is read as if it had been written with it (`rebased`).
"""

BASE = "https://vardbro.example/fhir"
"""The base that the shipped files are written with: a reserved domain."""

_current = BASE


def base() -> str:
    """The base in use, without a trailing slash."""
    return _current


def use_base(url: str) -> None:
    """Use another base from now on; done once, before anything is read."""
    global _current  # noqa: PLW0603 - one base for one process, as its artefacts are one set
    _current = url.rstrip("/")


def rebased(raw: bytes) -> bytes:
    """A shipped file's content, with the base in use."""
    return raw if _current == BASE else raw.replace(BASE.encode(), _current.encode())


def code_system(name: str) -> str:
    """The URL of one of our code systems."""
    return f"{_current}/CodeSystem/{name}"


def extension(name: str) -> str:
    """The URL of one of our extensions."""
    return f"{_current}/StructureDefinition/{name}"
