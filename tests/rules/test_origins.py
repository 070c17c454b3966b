from adapter.domain.trace import Origin, absent_key
from adapter.rules.origins import expressions

PROVENANCE = {
    "event_id": Origin(("Bundle.entry[0].resource.identifier[0]",)),
    "kontakt.typ": Origin(("Bundle.entry[0].resource.type[0]", "Bundle.entry[0].resource.class"), ("T-1",)),
    "kontakt.besokstyp[0]": Origin(("Bundle.entry[0].resource.type[1]",)),
    "diagnoser[0].kod": Origin(
        ("Bundle.entry[2].resource.code", "Bundle.entry[0].resource.diagnosis[0].rank")
    ),
    "diagnoser[0].ordning": Origin(("Bundle.entry[2].resource.code",)),
    "diagnoser[1].kod": Origin(("Bundle.entry[3].resource.code",)),
    "enhet.vardenhet": Origin(("Bundle.entry[4].resource.identifier[0]",)),
    "kontakt.akut": Origin((), ("DEFAULT",)),
}


def test_a_list_stands_for_all_its_items_and_each_element_comes_once() -> None:
    assert expressions(PROVENANCE, ("diagnoser",)) == (
        "Bundle.entry[2].resource.code",
        "Bundle.entry[3].resource.code",
    )


def test_elements_that_only_selected_a_value_are_not_pointed_at() -> None:
    assert expressions(PROVENANCE, ("kontakt.typ",)) == ("Bundle.entry[0].resource.type[0]",)


def test_a_member_whose_name_only_begins_alike_is_another_member() -> None:
    provenance = {"tid.start": Origin(("a",)), "tid.startdatum": Origin(("b",))}
    assert expressions(provenance, ("tid.start",)) == ("a",)


def test_a_missing_member_points_at_the_group_around_it() -> None:
    assert expressions(PROVENANCE, ("enhet.kombika",)) == ("Bundle.entry[4].resource.identifier[0]",)


def test_a_missing_group_points_at_the_contact() -> None:
    assert expressions(PROVENANCE, ("personal",)) == (
        "Bundle.entry[0].resource.type[0]",
        "Bundle.entry[0].resource.type[1]",
    )


def test_without_a_contact_the_identifier_is_pointed_at() -> None:
    provenance = {"event_id": PROVENANCE["event_id"]}
    assert expressions(provenance, ("personal",)) == ("Bundle.entry[0].resource.identifier[0]",)


def test_a_rule_that_names_no_member_points_at_the_contact() -> None:
    assert expressions(PROVENANCE, ())[0] == "Bundle.entry[0].resource.type[0]"


def test_without_any_origin_nothing_is_pointed_at() -> None:
    assert expressions({}, ("diagnoser",)) == ()


def test_a_missing_member_points_at_the_place_where_it_would_have_stood() -> None:
    place = {absent_key("enhet"): Origin(("Bundle.entry[0].resource.serviceProvider",))}
    without = {name: origin for name, origin in PROVENANCE.items() if not name.startswith("enhet")}
    assert expressions(without | place, ("enhet",)) == ("Bundle.entry[0].resource.serviceProvider",)
    assert expressions(PROVENANCE | place, ("enhet",)) == ("Bundle.entry[4].resource.identifier[0]",)
