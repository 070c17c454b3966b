from adapter.domain.event import Vardhandelse
from adapter.rules import Facts, RegisterFacts

EVENT = Vardhandelse(event_id="e1", kind="vardkontakt", status="final")


def test_settings_that_conditions_know_are_taken_over() -> None:
    facts = Facts(EVENT, {"default_taxa": "01", "default_besokstyp": None, "timeout": "15s"})
    assert facts.register == RegisterFacts(default_taxa="01")


def test_what_a_contract_has_is_known() -> None:
    given = {"services": ("vardkontakt",), "report_not_replacing": True, "form": "xml", "services_of": None}
    facts = Facts(EVENT, given)
    assert facts.register == RegisterFacts(services=("vardkontakt",), report_not_replacing=True, form="xml")


def test_without_settings_nothing_is_known_of_the_register() -> None:
    assert Facts(EVENT).register == RegisterFacts()


def test_ready_made_register_facts_are_kept() -> None:
    given = RegisterFacts(default_besokstyp="1")
    assert Facts(EVENT, given).register is given
