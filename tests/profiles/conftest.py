"""What the tests of published resources share."""

import pytest

from adapter.domain.rule import Catalogue
from adapter.resources import data_folder
from adapter.rules import load_packs


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_packs(data_folder("mappings") / "rules").catalogue
