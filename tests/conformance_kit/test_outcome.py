"""Offline and over HTTP the same is taken, refused or taken in part."""

import pytest

from adapter.config.model import Config
from adapter.conformance.loading import Kit
from adapter.conformance.offline import outcome_of
from adapter.intake import _refusal_status
from adapter.offline import offline_translator
from adapter.translation import Translator


@pytest.fixture(scope="module")
def translator() -> Translator:
    return offline_translator(Config())


def test_of_every_input_the_outcome_is_what_intake_answers(kit: Kit, translator: Translator) -> None:
    """A batch of which nothing is taken is answered 200, with a refusal for each contact."""
    for case in kit.cases:
        for step in case.steps:
            translation = translator.translate(translator.read(kit.input(step.input)))
            reading = translation.reading
            refused = reading.bundle is None or _refusal_status(translation) is not None
            if reading.bundle is not None and reading.bundle.type == "batch":
                assert not refused
            else:
                assert refused == (outcome_of(translation) == "refused"), case.id
