"""Which services an event belongs to, and what their bodies take from it."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from adapter.domain.event import Atgard, Slutenvard, Vardgaranti, Vardhandelse
from adapter.domain.trace import Provenance
from adapter.registers.gvr import GvrReceiver
from adapter.registers.gvr.services import service_of
from adapter.registers.protocol import RegisterSettings

Origins = Callable[[Vardhandelse], Provenance]
replace = msgspec.structs.replace
DISCHARGED = Slutenvard(utskriven=True)


def services(event: Vardhandelse, **settings: Any) -> tuple[str, ...]:
    return tuple(GvrReceiver(RegisterSettings(**settings)).services(event))


def body(event: Vardhandelse, origins: Origins, service: str, **settings: Any) -> dict[str, Any]:
    (message,) = GvrReceiver(RegisterSettings(**settings)).render(event, origins(event), "2025", service)
    return message.body


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("vardkontakt", ("vardkontakt",)),
        ("koordineringsinsats", ("koordinering",)),
        ("vardtillfalle", ("inskrivning",)),
        ("fast_lakarkontakt", ("vardkontakt",)),
    ],
)
def test_the_kind_of_event_names_the_service(kind: Any, names: tuple[str, ...], event: Vardhandelse) -> None:
    assert services(replace(event, kind=kind)) == names


def test_the_discharge_follows_when_the_stay_has_ended_or_is_cancelled(event: Vardhandelse) -> None:
    stay = replace(event, kind="vardtillfalle")
    assert services(replace(stay, slutenvard=DISCHARGED)) == ("inskrivning", "utskrivning")
    assert services(replace(stay, status="cancelled")) == ("inskrivning", "utskrivning")


def test_access_is_told_only_where_the_settings_name_it(event: Vardhandelse) -> None:
    assert services(event, services=("vardkontakt",)) == ("vardkontakt",)
    named = services(event, services=("vardkontakt", "tillganglighet"))
    assert named == ("vardkontakt", "tillganglighet")


def test_a_service_that_the_settings_leave_out_is_still_asked_for_the_rule_that_says_so(
    event: Vardhandelse,
) -> None:
    assert services(event, services=("koordinering",)) == ("vardkontakt",)


def test_a_stay_has_one_lane_for_each_call_and_one_identity(event: Vardhandelse, origins: Origins) -> None:
    stay = replace(event, kind="vardtillfalle", slutenvard=DISCHARGED)
    receiver = GvrReceiver(RegisterSettings())
    (admission,) = receiver.render(stay, origins(stay), "1", "inskrivning")
    (discharge,) = receiver.render(stay, origins(stay), "1", "utskrivning")
    assert (admission.service, discharge.service) == ("inskrivning", "utskrivning")
    assert admission.slot == discharge.slot == stay.event_id
    assert admission.identity == discharge.identity


@pytest.mark.parametrize("service", ["koordinering", "inskrivning", "utskrivning"])
def test_other_kinds_of_event_give_no_message(service: str, event: Vardhandelse, origins: Origins) -> None:
    assert list(GvrReceiver(RegisterSettings()).render(event, origins(event), "1", service)) == []


def test_a_pending_stay_gives_no_message(event: Vardhandelse, origins: Origins) -> None:
    pending = replace(event, kind="vardtillfalle", status="pending")
    receiver = GvrReceiver(RegisterSettings())
    assert list(receiver.render(pending, origins(pending), "1", "inskrivning")) == []


@pytest.mark.parametrize(
    ("codes", "kanal", "teknik"),
    [
        (["GC001", "XS012"], "telefon", "telefon"),
        (["GC001", "UX007"], "video", "video"),
        (["GC001", "XS003"], "text", "brev"),
        (["GC001", "ZV051", "XS003"], "text", "digitalt-brev"),
        (["GC001", "XS012", "ZV051"], "telefon", "telefon"),
        (["GC001"], "telefon", "telefon"),
        (["GC001"], "video", "video"),
        (["GC001"], "text", None),
        (["GC001"], "fysisk", None),
        (["GC001"], None, None),
    ],
)
def test_the_technique_is_that_of_the_codes_else_of_the_channel(
    codes: list[str], kanal: Any, teknik: str | None, event: Vardhandelse, origins: Origins
) -> None:
    atgarder = tuple(Atgard(kod=kod, ordning=at) for at, kod in enumerate(codes, 1))
    kontakt = replace(event.kontakt, kanal=kanal)
    work = replace(event, kind="koordineringsinsats", atgarder=atgarder, kontakt=kontakt)
    assert body(work, origins, "koordinering").get("teknik") == teknik


def test_a_digital_letter_is_explained_by_both_codes(event: Vardhandelse, origins: Origins) -> None:
    codes = (Atgard(kod="XS003", ordning=1), Atgard(kod="ZV051", ordning=2))
    work = replace(event, kind="koordineringsinsats", atgarder=codes)
    (message,) = GvrReceiver(RegisterSettings()).render(work, origins(work), "2021", "koordinering")
    (line,) = [line for line in message.trace if line.field == "teknik"]
    assert line.source == ("Bundle.atgarder[0].kod", "Bundle.atgarder[1].kod")
    assert line.by[-1] == "gvr-koordinering:teknik"


def test_an_admission_has_no_codes_of_open_care(event: Vardhandelse, origins: Origins) -> None:
    stay = replace(event, kind="vardtillfalle")
    admission = body(stay, origins, "inskrivning", default_taxa="05", default_besokstyp="2")
    assert not {"taxa", "besokTyp", "vardgivare", "diagnoser"} & admission.keys()


@pytest.mark.parametrize(("omfattas", "said"), [(True, "J"), (False, "N"), (None, None)])
def test_the_guarantee_is_told_where_it_is_known(
    omfattas: bool | None, said: str | None, event: Vardhandelse, origins: Origins
) -> None:
    told = replace(event, vardgaranti=Vardgaranti(omfattas=omfattas))
    assert body(told, origins, "tillganglighet").get("vardgaranti") == said


@pytest.mark.parametrize("service", ["vardkontakt", "koordinering", "inskrivning", "utskrivning"])
def test_a_body_of_our_own_is_known_by_its_members(
    service: str, event: Vardhandelse, origins: Origins
) -> None:
    kinds = {"vardkontakt": "vardkontakt", "koordinering": "koordineringsinsats"}
    made = replace(event, kind=kinds.get(service, "vardtillfalle"), slutenvard=DISCHARGED)
    assert service_of(body(made, origins, service)) == service
