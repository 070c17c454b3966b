"""What codes mean for the question whether something was decided."""

import pytest

from adapter.fhir.bundle import Bundle
from adapter.mapping.codings import Coding
from adapter.mapping.draft import Draft
from adapter.mapping.measures import measures, weightiest


@pytest.fixture
def draft(contact, contexts):
    return Draft(Bundle(contact.bundle()), contexts())


def own(code):
    return Coding("insats", code, ("x.code", "x.system"))


def test_a_code_of_ours_means_what_it_says(draft):
    (found,) = measures(draft, [own("behandling")])
    assert (found.code, found.paths, found.by) == ("behandling", ("x.code", "x.system"), ())
    assert (found.rule, found.decides) == ("KVAL-BEHANDLING", True)


def test_a_code_that_no_map_knows_means_nothing(draft):
    foreign = Coding("http://region.example/insats", "1", ("y.code", "y.system"))
    assert measures(draft, [foreign]) == []
    assert [one.code for one in measures(draft, [foreign, own("information")])] == ["information"]


def test_what_is_plainly_no_decision_counts_more(draft):
    found = weightiest(measures(draft, [own("behandling"), own("information")]))
    assert found is not None
    assert (found.rule, found.decides) == ("KVAL-EJ-INFORMATION", False)
    assert weightiest(measures(draft, [own("okand")])) is None
