"""The cases that ship with the program."""

from msgspec.structs import replace

from adapter.conformance.loading import Kit, load_kit
from adapter.resources import data_folder


def own_kit() -> Kit:
    """Our own cases. Raises PackError when they do not load, FileNotFoundError when they are not there."""
    return replace(load_kit(data_folder("conformance") / "manifest.yaml"), ours=True)
