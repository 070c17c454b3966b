"""A round of pulling: everything that changed, once, and ticked off only when it has been answered."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapter.pull.checkpoint import Checkpoint
from adapter.pull.run import CHANGING, Round
from adapter.pull.source import SourceError
from tests.pull.world import Adapter, FhirServer, resource, to

START = datetime(2026, 1, 1, tzinfo=UTC)


def pull(clinic: FhirServer, adapter: Adapter, folder: Path) -> Round:
    checkpoint = Checkpoint.load(folder / "mark", START, CHANGING)
    around = Round(clinic.source(), adapter.client(), checkpoint, folder / "mark", count=2)
    list(around)
    return around


def test_each_contact_comes_whole_and_once(clinic: FhirServer, adapter: Adapter, tmp_path: Path) -> None:
    assert pull(clinic, adapter, tmp_path).complete
    first, second = adapter.got
    assert set(first) == {
        "Encounter/a", "Condition/c", "Patient/p", "Organization/o", "Practitioner/d", "PractitionerRole/r",
    }  # fmt: skip
    assert set(second) == {"Encounter/b", "Procedure/q", "Patient/p", "Organization/o"}


def test_the_next_round_fetches_only_what_has_changed(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    clinic.resources.append(resource("Encounter", "old", day=1))
    pull(clinic, adapter, tmp_path)
    clinic.resources.append(resource("Encounter", "new", day=9))
    adapter.got.clear()
    pull(clinic, adapter, tmp_path)
    # the newest of each type is within the margin before its mark: it comes again
    assert [one[0] for one in adapter.got] == ["Encounter/b", "Encounter/new", "Encounter/a"]


def test_a_diagnosis_that_is_added_later_brings_its_contact_again(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    pull(clinic, adapter, tmp_path)
    clinic.resources.append(resource("Condition", "late", day=20, encounter=to("Encounter/a")))
    adapter.got.clear()
    pull(clinic, adapter, tmp_path)
    assert next(one for one in adapter.got if one[0] == "Encounter/a").count("Condition/late") == 1


@pytest.mark.parametrize("is_sorted", [True, False])
def test_nothing_is_skipped_after_a_stop_in_the_middle(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path, is_sorted: bool
) -> None:
    clinic.is_sorted = is_sorted
    # the newest first: a mark that moved with the first page would leave the others out
    for day in range(20, 10, -1):
        clinic.resources.append(resource("Encounter", f"n{day}", day=day))
    adapter.status = 503
    assert not pull(clinic, adapter, tmp_path).complete
    adapter.status = 200
    assert pull(clinic, adapter, tmp_path).complete
    assert {one[0] for one in adapter.got} >= {f"Encounter/n{day}" for day in range(11, 21)}


def test_a_refused_contact_does_not_stop_the_others(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    adapter.status = 422
    assert pull(clinic, adapter, tmp_path).complete


def test_a_search_that_the_server_does_not_offer_is_named_and_the_rest_comes(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    clinic.unknown = {"ClinicalImpression", "NutritionOrder"}
    around = pull(clinic, adapter, tmp_path)
    assert around.complete
    assert around.not_offered == clinic.unknown
    assert len(adapter.got) == 2


def test_parts_of_a_contact_come_together(clinic: FhirServer, adapter: Adapter, tmp_path: Path) -> None:
    clinic.resources.append(resource("Encounter", "whole", day=1))
    clinic.resources.append(resource("Encounter", "part", day=5, partOf=to("Encounter/whole")))
    clinic.resources.append(resource("Encounter", "other", day=1, partOf=to("Encounter/whole")))
    pull(clinic, adapter, tmp_path)
    (found,) = [one for one in adapter.got if "Encounter/part" in one]
    assert {"Encounter/whole", "Encounter/part", "Encounter/other"} <= set(found)


def test_our_token_is_not_taken_to_another_server(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    clinic.elsewhere, clinic.page = True, 1
    with pytest.raises(SourceError):
        pull(clinic, adapter, tmp_path)
    assert all(asked.startswith("/r4/") for asked in clinic.asked)


def test_staff_and_units_are_read_once_and_patients_not_kept(
    clinic: FhirServer, adapter: Adapter, tmp_path: Path
) -> None:
    for number in range(4):
        clinic.resources.append(
            resource("Encounter", f"e{number}", day=10 + number, serviceProvider=to("Organization/o"))
        )
    pull(clinic, adapter, tmp_path)
    assert clinic.asked.count("/r4/Organization/o?") == 1
