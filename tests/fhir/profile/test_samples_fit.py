"""The profiles ask for no more than reporting needs: what the samples report fits them, claimed or not."""

import orjson
import pytest

from adapter.resources import data_folder

SAMPLES = sorted(data_folder("samples").glob("*.json"))
MADE_TO_FAIL = {"stu3-form", "trasig-struktur"}
WITH_ADVICE = {"okant-kodverk": {"FHIR-PROFILE-VB-CON-2", "FHIR-PROFILE-VB-PRO-2"}}


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_every_sound_sample_fits_the_profile_of_event_bundles(file, check) -> None:
    found = check(orjson.loads(file.read_bytes()), "vardbro-event-bundle")

    errors = [one.rule for one in found if one.severity == "error"]
    assert bool(errors) == (file.stem in MADE_TO_FAIL)
    if not errors:
        assert {one.rule for one in found} == WITH_ADVICE.get(file.stem, set())
