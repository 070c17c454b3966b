"""The diagnoses of the contact."""

import pytest

KV = "https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_diagnostyp"
ICD = "https://www.icd10.se/"
SNOMED = "http://snomed.info/sct"


def codes(mapped):
    return [diagnos.kod for diagnos in mapped.event.diagnoser]


def hd(contact):
    return [contact.concept(KV, "HD")]


def test_links_are_followed_both_ways(contact):
    contact.diagnosis("J18.9", rank=1)
    contact.condition("I10.9")
    assert codes(contact.map()) == ["J189", "I109"]


def test_a_condition_that_is_linked_both_ways_counts_once(contact):
    contact.diagnosis("J189", rank=1, encounter=contact.ref(contact.encounter))
    assert codes(contact.map()) == ["J189"]


def test_ranks_order_the_diagnoses(contact, found):
    for code, rank in (("A099", 3), ("B349", 1), ("J069", 2)):
        contact.diagnosis(code, rank=rank)
    mapped = contact.map()
    assert codes(mapped) == ["B349", "J069", "A099"]
    assert [diagnos.ordning for diagnos in mapped.event.diagnoser] == [1, 2, 3]
    assert [diagnos.huvud for diagnos in mapped.event.diagnoser] == [True, False, False]
    assert found(mapped) == []


def test_the_category_hd_outweighs_rank_one(contact):
    contact.diagnosis("A099", rank=1)
    contact.diagnosis("B349", rank=2, category=hd(contact))
    assert codes(contact.map()) == ["B349", "A099"]


def test_two_main_diagnoses_are_told_and_the_lower_rank_is_used(contact, found):
    contact.diagnosis("A099", rank=2, category=hd(contact))
    contact.diagnosis("B349", rank=1, category=hd(contact))
    mapped = contact.map()
    assert codes(mapped) == ["B349", "A099"]
    assert found(mapped) == ["DIAGNOS-SEVERAL-MAIN"]


@pytest.mark.parametrize(("first", "second"), [("DD", "billing"), ("billing", "CC"), ("CC", None)])
def test_rank_one_of_the_weightier_use_is_main(contact, first, second):
    contact.diagnosis("A099", rank=1, use=second)
    contact.diagnosis("B349", rank=1, use=first)
    assert codes(contact.map())[0] == "B349"


def test_rank_one_as_admission_diagnosis_names_no_main(contact, found):
    contact.diagnosis("A099", rank=1, use="AD")
    contact.diagnosis("B349")
    mapped = contact.map()
    assert "DIAGNOS-NO-MAIN" in found(mapped)
    assert mapped.provenance["diagnoser[0].huvud"].by == ("DIAGNOS-LISTED",)


def test_rank_one_of_a_lighter_use_counts_where_the_weightier_names_none(contact, found):
    contact.diagnosis("A099", rank=2, use="DD")
    contact.diagnosis("B349", rank=1, use="billing")
    mapped = contact.map()
    assert codes(mapped) == ["B349", "A099"]
    assert found(mapped) == []


def test_without_a_main_the_first_listed_is_and_it_is_told(contact, found):
    contact.condition("A099")
    contact.condition("B349")
    mapped = contact.map()
    assert codes(mapped) == ["A099", "B349"]
    assert found(mapped) == ["DIAGNOS-NO-MAIN"]


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_withdrawn_diagnoses_are_left_out_and_told(contact, found, status):
    contact.diagnosis("A099", rank=1)
    out = contact.condition("B349", verificationStatus={"coding": [{"code": status}]})
    mapped = contact.map()
    assert codes(mapped) == ["A099"]
    assert found(mapped) == ["DIAGNOS-STATUS"]
    assert mapped.findings[-1].expression[0].startswith(contact.at(out))


def test_another_patients_condition_does_not_count(contact, found):
    other = contact.add("Patient")
    contact.condition("B349", subject=contact.ref(other))
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["DIAGNOS-OTHER-PATIENT"]


def test_the_same_patient_by_number_only_is_the_same_patient(contact):
    number = {"system": "urn:oid:1.2.752.129.2.1.3.1", "value": "19121212-1212"}
    contact.condition("B349", subject={"identifier": number})
    assert codes(contact.map()) == ["B349"]


def test_another_contacts_condition_does_not_count(contact):
    other = contact.add("Encounter", **{**contact.encounter, "identifier": [{"system": "s", "value": "2"}]})
    other["period"] = {"start": "2025-04-01"}
    contact.condition("B349", encounter=contact.ref(other))
    first, second = contact.map_all()
    assert (codes(first), codes(second)) == ([], ["B349"])


def test_a_condition_without_any_link_is_told(contact, found):
    stray = contact.condition("B349", linked=False)
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["LINK-STRAY"]
    assert contact.at(stray) in mapped.findings[-1].expression


def test_a_named_condition_that_is_nowhere_is_told(contact, found):
    contact.encounter["diagnosis"] = [{"condition": {"reference": "Condition/9"}, "rank": 1}]
    assert found(contact.map()) == ["DIAGNOS-NOT-FOUND"]


def test_the_same_code_twice_is_one_diagnosis(contact, found):
    contact.diagnosis("J18.9", rank=1)
    second = contact.diagnosis("J189", rank=2)
    contact.diagnosis("I109", rank=3)
    contact.procedure("AV034", reasonReference=[contact.ref(second)])
    mapped = contact.map()
    assert codes(mapped) == ["J189", "I109"]
    assert [diagnos.ordning for diagnos in mapped.event.diagnoser] == [1, 2]
    assert mapped.event.atgarder[0].diagnos == 1
    assert found(mapped) == ["DIAGNOS-DUPLICATE"]


def test_icd_10_se_is_preferred_to_snomed(contact):
    coding = [{"system": SNOMED, "code": "38341003"}, {"system": ICD, "code": "I10.9"}]
    contact.condition("", code={"coding": coding})
    mapped = contact.map()
    assert codes(mapped) == ["I109"]
    assert mapped.provenance["diagnoser[0].kod"].by == ()


def test_snomed_is_translated_by_a_map_that_the_trace_names(contact):
    contact.condition("", code=contact.concept(SNOMED, "38341003"))
    mapped = contact.map()
    assert codes(mapped) == ["I109"]
    assert mapped.provenance["diagnoser[0].kod"].by == ("snomed-icd-10-se",)


def test_snomed_without_a_map_is_a_warning(contact, found):
    contact.condition("", code=contact.concept(SNOMED, "999999999"))
    mapped = contact.map()
    assert codes(mapped) == []
    assert found(mapped) == ["CODE-NO-MAP"]


def test_an_unknown_system_is_left_out_with_a_warning(contact, found):
    contact.condition("", code=contact.concept("urn:local", "x"))
    assert found(contact.map()) == ["CODE-UNKNOWN-SYSTEM"]


def test_a_short_name_of_ours_is_no_system(contact, found):
    contact.condition("", code=contact.concept("icd-10-se", "J189"))
    assert found(contact.map()) == ["CODE-UNKNOWN-SYSTEM"]


def test_text_without_a_code_is_told(contact, found):
    contact.condition("", code={"text": "ont"})
    assert found(contact.map()) == ["CODE-NO-CODE"]


def test_whos_icd_10_is_read_with_a_finding(contact, found):
    contact.diagnosis("", rank=1, code=contact.concept("http://hl7.org/fhir/sid/icd-10", "J18.9"))
    mapped = contact.map()
    assert codes(mapped) == ["J189"]
    assert found(mapped) == ["CODE-ICD10-SYSTEM"]


def test_a_wrong_shape_is_an_error(contact, found):
    contact.diagnosis("HEJ", rank=1)
    assert found(contact.map()) == ["CODE-SHAPE"]


def test_that_no_table_is_loaded_is_said_once(contact):
    contact.diagnosis("J189", rank=1)
    contact.diagnosis("I109", rank=2)
    assert [finding.rule for finding in contact.map().findings] == ["CODE-UNCHECKED"]


def test_several_codes_of_one_condition_are_told(contact, found):
    contact.diagnosis("", rank=1, code=contact.concept(ICD, "E10.4", "G63.2"))
    mapped = contact.map()
    assert codes(mapped) == ["E104"]
    assert found(mapped) == ["CODE-SEVERAL"]


def test_the_trace_names_code_status_links_and_rank(contact):
    condition = contact.diagnosis("J18.9", rank=1, verificationStatus={"coding": [{"code": "confirmed"}]})
    mapped = contact.map()
    at, encounter = contact.at(condition), contact.at(contact.encounter)
    assert mapped.provenance["diagnoser[0].kod"].paths == (
        f"{at}.code.coding[0].code",
        f"{at}.code.coding[0].system",
        f"{at}.verificationStatus.coding[0].code",
        f"{encounter}.diagnosis[0].condition.reference",
        f"{at}.subject.reference",
    )
    assert mapped.provenance["diagnoser[0].huvud"].paths[0] == f"{encounter}.diagnosis[0].rank"


def test_without_rank_one_the_lowest_rank_is_main(contact, found):
    contact.diagnosis("A099", rank=3)
    contact.diagnosis("B349", rank=2)
    contact.diagnosis("J189")
    mapped = contact.map()
    assert codes(mapped) == ["B349", "A099", "J189"]
    assert found(mapped) == ["DIAGNOS-NO-MAIN"]
    assert mapped.provenance["diagnoser[0].huvud"].by == ("DIAGNOS-LOWEST-RANK",)


def test_where_rank_one_is_refuted_the_next_rank_is_main(contact, found):
    contact.diagnosis("J189", rank=1, verificationStatus=contact.concept("v", "refuted"))
    contact.diagnosis("A099", rank=3)
    contact.diagnosis("B349", rank=2)
    mapped = contact.map()
    assert codes(mapped) == ["B349", "A099"]
    assert found(mapped) == ["DIAGNOS-STATUS", "DIAGNOS-NO-MAIN"]


def test_a_single_diagnosis_is_main_without_a_remark(contact, found):
    contact.condition("A099")
    mapped = contact.map()
    assert mapped.event.diagnoser[0].huvud
    assert found(mapped) == []


def test_a_diagnosis_reference_that_fits_two_conditions_says_so(contact, found):
    identifier = [{"system": "urn:d", "value": "1"}]
    for code in ("A099", "B349"):
        contact.condition(code, linked=False, identifier=identifier)
    contact.encounter["diagnosis"] = [{"condition": {"reference": "Condition?identifier=urn:d|1"}}]
    assert "REF-AMBIGUOUS" in found(contact.map())
    assert "DIAGNOS-NOT-FOUND" not in found(contact.map())


def test_without_diagnoses_their_place_is_known(contact):
    origin = contact.map().provenance["absent:diagnoser"]
    assert origin.paths == (f"{contact.at(contact.encounter)}.diagnosis",)


def test_where_the_main_diagnosis_is_marked_the_rank_of_the_other_decides_nothing(contact):
    contact.diagnosis("A099", rank=1, category=[contact.concept(KV, "HD")])
    contact.diagnosis("B349", rank=2)
    mapped = contact.map()
    assert codes(mapped) == ["A099", "B349"]
    order = mapped.provenance["diagnoser[1].ordning"].paths
    assert [path for path in order if path.endswith(".rank")] == []


def test_of_three_diagnoses_the_ranks_decide_the_order(contact):
    contact.diagnosis("A099", rank=1, category=[contact.concept(KV, "HD")])
    contact.diagnosis("J189", rank=3)
    contact.diagnosis("B349", rank=2)
    mapped = contact.map()
    assert codes(mapped) == ["A099", "B349", "J189"]
    order = mapped.provenance["diagnoser[1].ordning"].paths
    assert f"{contact.at(contact.encounter)}.diagnosis[2].rank" in order
