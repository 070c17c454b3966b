import os
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import orjson
import pytest
import yaml
from fhir.resources.R4B.conceptmap import ConceptMap

from adapter.domain.codes import has_shape, normalise
from adapter.errors import PackError
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import (
    PROFESSION,
    Choice,
    ChoiceRule,
    ConceptMaps,
    Match,
    load_concept_maps,
)
from adapter.resources import data_folder

MAPPINGS = data_folder("mappings")
FOLDER = MAPPINGS / "concept-maps"
SNOMED = "http://snomed.info/sct"
SHARED = Path(os.environ.get("VARDBRO_SHARED", Path(__file__).parents[2] / "../shared")) / "samples"


@pytest.fixture(scope="module")
def maps() -> ConceptMaps:
    return load_concept_maps(FOLDER, load_aliases(MAPPINGS / "naming-systems"))


def built(*targets: tuple[str | None, str], source: str = SNOMED) -> ConceptMaps:
    element = {
        "code": "1",
        "target": [
            {**({"code": code} if code else {}), "equivalence": equivalence} for code, equivalence in targets
        ],
    }
    group = {"source": source, "target": "https://www.icd10.se/", "element": [element]}
    return ConceptMaps([{"id": "karta", "group": [group]}], load_aliases(MAPPINGS / "naming-systems"))


@pytest.mark.parametrize(
    ("code", "icd"),
    [
        ("38341003", "I10.9"),
        ("44054006", "E11.9"),
        ("271737000", "D64.9"),
        ("43878008", "J02.0"),
        ("13645005", "J44.9"),
        ("399068008", "C61.9"),
        ("431857002", "N18.4"),
    ],
)
def test_diagnoses_that_mean_the_same_are_used_without_remark(maps, code, icd):
    assert maps.choose("snomed-ct", code, "icd-10-se") == Choice(
        icd, None, ("snomed-icd-10-se",), "equivalent"
    )


def test_a_wider_diagnosis_is_used_and_told(maps):
    assert maps.choose("snomed-ct", "195662009", "icd-10-se") == Choice(
        "J02.8", "CODE-MAP-WIDER", ("snomed-icd-10-se",), "wider"
    )


def test_a_social_finding_is_known_to_be_no_diagnosis(maps):
    choice = maps.choose("snomed-ct", "160903007", "icd-10-se")
    assert (choice.code, choice.rule) == (None, "CODE-NO-COUNTERPART")
    assert choice.map_ids == ("snomed-icd-10-se",)


def test_a_doubtful_target_is_left_out_and_told(maps):
    choice = maps.choose("snomed-ct", "361055000", "icd-10-se")
    assert (choice.code, choice.rule, choice.equivalence) == (None, "CODE-MAP-NOT-USABLE", "inexact")


def test_a_code_that_no_map_knows_is_told_apart_from_one_without_counterpart(maps):
    assert maps.choose("snomed-ct", "999999999", "icd-10-se") == Choice(None, "CODE-NO-MAP")
    assert maps.choose("okant", "1", "icd-10-se") == Choice(None, "CODE-NO-MAP")
    assert maps.has_map("snomed-ct", "icd-10-se")
    assert not maps.has_map("okant", "icd-10-se")


@pytest.mark.parametrize("equivalence", ["equal", "equivalent"])
def test_the_same_meaning_may_be_reported(equivalence):
    assert built(("J189", equivalence)).choose("snomed-ct", "1", "icd-10-se").code == "J189"


@pytest.mark.parametrize("equivalence", ["wider", "subsumes"])
def test_a_wider_meaning_may_be_reported_with_a_remark(equivalence):
    choice = built(("J189", equivalence)).choose("snomed-ct", "1", "icd-10-se")
    assert (choice.code, choice.rule) == ("J189", "CODE-MAP-WIDER")


@pytest.mark.parametrize("equivalence", ["narrower", "specializes", "inexact", "relatedto"])
def test_a_meaning_that_adds_or_only_resembles_may_not(equivalence):
    choice = built(("J189", equivalence)).choose("snomed-ct", "1", "icd-10-se")
    assert (choice.code, choice.rule, choice.equivalence) == (None, "CODE-MAP-NOT-USABLE", equivalence)


@pytest.mark.parametrize("equivalence", ["unmatched", "disjoint"])
def test_no_counterpart_is_said_so(equivalence):
    assert built((None, equivalence)).choose("snomed-ct", "1", "icd-10-se").rule == "CODE-NO-COUNTERPART"


def test_the_same_meaning_goes_before_a_wider_one():
    both = built(("J18", "wider"), ("J189", "equivalent"), ("J159", "narrower"))
    assert both.choose("snomed-ct", "1", "icd-10-se").code == "J189"


@pytest.mark.parametrize("equivalence", ["equivalent", "wider"])
def test_two_equally_good_targets_are_not_chosen_between(equivalence):
    choice = built(("J189", equivalence), ("J159", equivalence)).choose("snomed-ct", "1", "icd-10-se")
    assert (choice.code, choice.rule) == (None, "CODE-MAP-AMBIGUOUS")


def test_a_wider_target_does_not_settle_a_choice_between_two_same_ones():
    three = built(("J189", "equal"), ("J159", "equivalent"), ("J18", "wider"))
    assert three.choose("snomed-ct", "1", "icd-10-se").rule == "CODE-MAP-AMBIGUOUS"


def test_the_same_target_twice_is_one():
    assert (
        built(("J189", "equal"), ("J189", "equivalent")).choose("snomed-ct", "1", "icd-10-se").code == "J189"
    )


def test_a_target_without_equivalence_is_not_used():
    group = {"source": SNOMED, "target": "https://www.icd10.se/"}
    group["element"] = [{"code": "1", "target": [{"code": "J189"}]}]
    maps = ConceptMaps([{"id": "k", "group": [group]}], load_aliases(MAPPINGS / "naming-systems"))
    assert maps.translate("snomed-ct", "1", "icd-10-se") == (Match("J189", "relatedto", "k"),)
    assert not maps.translate("snomed-ct", "1", "icd-10-se")[0].usable


def test_a_senders_own_system_is_named_by_its_uri():
    own = built(("J189", "equivalent"), source="https://Journal.example/Koder/")
    assert own.choose("https://journal.example/koder", "1", "icd-10-se").code == "J189"
    assert own.has_map("https://journal.example/koder/", "icd-10-se")


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("hosp", "LK"),
        ("hosp", "lk"),
        ("hsa-befattning", "201011"),
        ("hsa-befattning", "204010"),
        ("snomed-ct", "309343006"),
        ("snomed-ct", "59058001"),
        ("snomed-ct", "62247001"),
        ("gvr-vdg", "01"),
        ("nucc", "208D00000X"),
    ],
)
def test_physicians_are_recognised_in_every_coding(maps, system, code):
    assert maps.is_physician(system, code) is True


@pytest.mark.parametrize(("system", "code"), [("hosp", "SJ"), ("hosp", "TL"), ("snomed-ct", "309453006")])
def test_other_professions_are_no_physicians(maps, system, code):
    assert maps.is_physician(system, code) is False


@pytest.mark.parametrize(("system", "code"), [("hosp", "??"), ("sosnyk", "12345"), ("okant", "LK")])
def test_an_unknown_profession_is_not_taken_for_anything(maps, system, code):
    assert maps.is_physician(system, code) is None


def test_the_registers_yrkeskategori_is_assumed_for_physicians_only(maps):
    assert maps.choose("hosp", "LK", "gvr-vdg").code == "01"
    assert maps.choose("hosp", "SJ", "gvr-vdg").code is None


def test_a_telephone_encounter_tells_the_channel(maps):
    assert maps.choose("snomed-ct", "185317003", "kanal").code == "telefon"
    assert maps.choose("snomed-ct", "185349003", "kanal").rule == "CODE-NO-COUNTERPART"


def test_every_rule_that_is_named_has_its_text():
    pack = yaml.safe_load((MAPPINGS / "rules/common/codes.yaml").read_text(encoding="utf-8"))
    assert set(get_args(ChoiceRule)) <= {rule["id"] for rule in pack["rules"]}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_map_is_valid_fhir_and_says_why_where_it_must(path):
    resource = orjson.loads(path.read_bytes())
    ConceptMap.model_validate(resource)
    assert resource["id"] == path.stem
    for group in resource["group"]:
        codes = [element["code"] for element in group["element"]]
        assert len(codes) == len(set(codes))
        for element in group["element"]:
            for target in element["target"]:
                # R4 invariant cmd-1, and ours: no counterpart needs its reason
                if target["equivalence"] in ("narrower", "inexact", "unmatched"):
                    assert target["comment"], element["code"]


@pytest.mark.parametrize(("name", "system"), [("snomed-icd-10-se", "icd-10-se"), ("snomed-kva", "kva")])
def test_every_target_looks_like_a_code_of_its_system(name, system):
    resource = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    targets = [t for g in resource["group"] for e in g["element"] for t in e["target"] if "code" in t]
    assert targets
    assert all(has_shape(system, normalise(target["code"])) for target in targets)


def test_profession_groups_are_codes_of_our_code_system():
    known = _concepts(data_folder("profiles") / "code-systems" / f"{PROFESSION}.json")
    for name in ("yrke-yrkesgrupp", "gvr-vdg-yrkesgrupp"):
        resource = orjson.loads((FOLDER / f"{name}.json").read_bytes())
        used = {t["code"] for g in resource["group"] for e in g["element"] for t in e["target"]}
        assert used <= known


def test_an_assumed_map_is_marked_experimental():
    for path in FOLDER.glob("*.json"):
        resource = orjson.loads(path.read_bytes())
        assert resource["experimental"] == ("antagen" in resource["title"])


@pytest.mark.parametrize("broken", [{}, {"id": "k"}, {"id": "k", "group": [{"source": "x"}]}])
def test_an_incomplete_map_does_not_load(broken):
    with pytest.raises(PackError, match="incomplete"):
        ConceptMaps([broken], load_aliases(MAPPINGS / "naming-systems"))


@pytest.mark.parametrize("content", ["{", '{"resourceType": "Patient"}'])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "trasig.json").write_text(content)
    with pytest.raises(PackError, match=r"trasig\.json"):
        load_concept_maps(tmp_path, load_aliases(MAPPINGS / "naming-systems"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public samples are not beside the repository")
@pytest.mark.parametrize(("kind", "target"), [("Condition", "icd-10-se"), ("Procedure", "kva")])
def test_every_snomed_code_of_the_public_samples_is_known_to_a_map(maps, kind, target):
    codes = {
        coding["code"]
        for resource in _shared_resources()
        if resource.get("resourceType") == kind
        for coding in resource.get("code", {}).get("coding", ())
        if coding.get("system") == SNOMED
    }
    assert codes
    assert [code for code in sorted(codes) if not maps.translate("snomed-ct", code, target)] == []


def _shared_resources() -> Iterator[dict]:
    for path in [*SHARED.rglob("*.json"), *SHARED.rglob("*.ndjson")]:
        lines = path.read_bytes().splitlines() if path.suffix == ".ndjson" else [path.read_bytes()]
        for line in filter(None, lines):
            resource = orjson.loads(line)
            yield resource
            yield from (entry["resource"] for entry in resource.get("entry", ()) if "resource" in entry)


def _concepts(path: Path) -> set[str]:
    return {concept["code"] for concept in orjson.loads(path.read_bytes())["concept"]}
