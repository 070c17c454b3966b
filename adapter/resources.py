"""Where the data that ships with the program lies: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent
_CHECKOUT = {"mappings": "mappings", "profiles": "profiles", "samples": "tests/samples"}


def data_folder(name: Literal["mappings", "profiles", "samples"]) -> Path:
    """The folder of the shipped data `name`. Raises FileNotFoundError when the installation lacks it."""
    for folder in (_PACKAGE.parent / _CHECKOUT[name], _PACKAGE / "_data" / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the installation lacks its {name}")
