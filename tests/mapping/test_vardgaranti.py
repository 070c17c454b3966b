"""The judgement on the care guarantee, by itself: what is covered, from which day, and how days count.

Each test of SKR's questions and answers (SKR-FAQ) names the question it is about.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapter.domain.event import Kontakt, Personal, Tid, Tillgang, Vardhandelse
from adapter.domain.localtime import LocalTime, to_local
from adapter.mapping.vardgaranti import Known, days_between, judge

NURSE = Personal(yrkesgrupp="sjukskoterska", legitimerad=True)
PHYSICIAN = Personal(yrkesgrupp="lakare", legitimerad=True, lakare=True)
UNLICENSED = Personal(yrkesgrupp="underskoterska", legitimerad=False)
UNKNOWN = Personal()
NOTHING = Known()

VISIT = Vardhandelse(
    event_id="v1",
    kind="vardkontakt",
    status="final",
    tid=Tid(startdatum="2026-03-05"),
    kontakt=Kontakt(typ="mottagningsbesok", kanal="fysisk"),
    personal=(PHYSICIAN,),
)


def event(
    typ="mottagningsbesok", kanal="fysisk", staff=(PHYSICIAN,), on="2026-03-05", planerad=None, **tillgang
):
    return replace(
        VISIT,
        tid=Tid(startdatum=on),
        kontakt=Kontakt(typ=typ, kanal=kanal, planerad=planerad),
        personal=tuple(staff),
        tillgang=Tillgang(**tillgang),
    )


def guarantee(one, known=NOTHING):
    judgement = judge(one, known)
    assert judgement is not None
    return judgement.guarantee


def covered(one, known=NOTHING):
    found = guarantee(one, known)
    return found.omfattas, found.regel


class TestWhatIsCovered:
    def test_a_new_problem_seen_by_a_licensed_profession(self):
        """Räknas besök till icke legitimerad personal inom vårdgarantin?"""
        assert covered(event(nytt_halsoproblem=True)) == (True, "VG-NYTT")

    def test_a_problem_that_is_not_new_is_not(self):
        """När blir det ett nytt medicinskt problem?"""
        assert covered(event(nytt_halsoproblem=False, nybesok=False)) == (False, "VG-ATERBESOK")

    def test_whether_the_problem_is_new_is_never_guessed(self):
        """När blir det ett nytt medicinskt problem?"""
        assert covered(event()) == (None, "VG-OKANT")

    def test_visits_to_the_unlicensed_are_not(self):
        """Räknas besök till icke legitimerad personal inom vårdgarantin?"""
        assert covered(event(staff=[UNLICENSED], nytt_halsoproblem=True)) == (False, "VG-EJ-LEGITIMERAD")

    def test_one_licensed_of_a_team_is_enough(self):
        """Hur görs rapporteringen vid teambesök?"""
        assert covered(event(staff=[UNLICENSED, NURSE], nytt_halsoproblem=True)) == (True, "VG-NYTT")

    @pytest.mark.parametrize("staff", [(), (UNKNOWN,), (UNLICENSED, UNKNOWN)])
    def test_a_profession_that_is_not_known_leaves_it_open(self, staff):
        assert covered(event(staff=staff, nytt_halsoproblem=True)) == (None, "VG-OKANT")

    def test_kuratorer_are_licensed(self):
        """Vilka yrkesgruppers medicinska bedömningar ingår i den förstärkta vårdgarantin?"""
        kurator = Personal(yrkesgrupp="kurator", legitimerad=True)
        assert covered(event(staff=[kurator], nytt_halsoproblem=True)) == (True, "VG-NYTT")

    @pytest.mark.parametrize("typ", ["telefon-ersatter-besok", "video-ersatter-besok", "text-ersatter-besok"])
    def test_direct_distance_contacts_that_match_a_visit(self, typ):
        """Kan telefontid till viss yrkesgrupp klassas som kontakt inom vårdgarantin?"""
        assert covered(event(typ, nytt_halsoproblem=True)) == (True, "VG-NYTT")

    @pytest.mark.parametrize("typ", ["telefonsamtal", "triage"])
    def test_the_call_that_assesses_the_need_is_not(self, typ):
        """Kan telefontid till viss yrkesgrupp klassas som kontakt inom vårdgarantin?"""
        assert covered(event(typ, "telefon", nytt_halsoproblem=True)) == (False, "VG-BEHOVSBEDOMNING")

    def test_physical_triage_is_not(self):
        assert covered(event("triage", nytt_halsoproblem=True)) == (False, "VG-TRIAGE")

    @pytest.mark.parametrize("typ", ["video-ersatter-ej-besok", "text-ersatter-ej-besok"])
    def test_a_distance_contact_that_is_not_qualified_is_not(self, typ):
        """Hur räknas kontakter via chat, brev och telefon?"""
        assert covered(event(typ, nytt_halsoproblem=True)) == (False, "VG-EJ-KVALIFICERAD")

    @pytest.mark.parametrize("typ", ["kommentar", "kontakt-om-patient"])
    def test_what_is_told_no_patient_is_not(self, typ):
        """Vad är definitionen av medicinsk bedömning?"""
        assert covered(event(typ, None, nytt_halsoproblem=True)) == (False, "VG-UTAN-PATIENT")

    def test_a_contact_of_unknown_type_is_left_open(self):
        assert covered(event(None, nytt_halsoproblem=True)) == (None, "VG-OKANT")

    @pytest.mark.parametrize(
        ("group", "rule"),
        [
            ("vaccination", "VG-VACCINATION"),
            ("intyg", "VG-INTYG"),
            ("reseprofylax", "VG-RESEPROFYLAX"),
            ("preventivmedel", "VG-PREVENTIVMEDEL"),
        ],
    )
    @pytest.mark.parametrize("new", [None, True])
    def test_preventive_care_and_certificates_are_not_whatever_the_sender_says(self, group, rule, new):
        """Vad gäller för besök som rör hälsointyg och vaccinationer? Ingår preventivmedelsrådgivning ...?"""
        assert covered(event(nytt_halsoproblem=new), Known(group=group)) == (False, rule)

    def test_stitches_removed_are_a_return_visit(self):
        """Hur räknas besök för att ta bort stygn?"""
        assert covered(event(), Known(group="suturtagning")) == (False, "VG-SUTURTAGNING")

    def test_a_worsening_found_when_the_stitches_are_removed_is_covered(self):
        """Gäller vårdgarantin för en patient som behöver behandling efter en operation?"""
        assert covered(event(nytt_halsoproblem=True), Known(group="suturtagning")) == (True, "VG-NYTT")

    def test_a_complication_after_an_operation_is_covered(self):
        """Gäller vårdgarantin för en patient som behöver behandling efter en operation?"""
        assert covered(event(), Known(group="komplikation")) == (True, "VG-KOMPLIKATION")

    def test_a_skin_change_is_a_new_problem(self):
        """Är besök på prickmottagningar inom vårdgarantin?"""
        assert covered(event(), Known(group="hudforandring")) == (True, "VG-HUDFORANDRING")

    def test_the_senders_no_counts_more_than_a_skin_changes_code(self):
        one = event(nytt_halsoproblem=False, nybesok=False)
        assert covered(one, Known(group="hudforandring")) == (False, "VG-ATERBESOK")

    @pytest.mark.parametrize("typ", ["mottagningsbesok", "text-ersatter-besok"])
    def test_a_renewed_prescription_is_not(self, typ):
        """Hur ska förnyelse av recept rapporteras?"""
        assert covered(event(typ), Known(group="recept")) == (False, "VG-RECEPT")

    def test_side_effects_at_the_renewal_are_covered(self):
        """Hur ska förnyelse av recept rapporteras?"""
        assert covered(event(nytt_halsoproblem=True), Known(group="recept")) == (True, "VG-NYTT")

    def test_a_check_is_a_return_visit(self):
        assert covered(event(), Known(group="efterkontroll")) == (False, "VG-ATERBESOK")

    def test_a_later_visit_of_a_treatment_series_is_not(self):
        """Hur ska behandlingsserier registreras?"""
        assert covered(event(nybesok=False)) == (False, "VG-ATERBESOK")

    def test_the_first_visit_of_a_series_can_be(self):
        """Hur ska behandlingsserier registreras?"""
        assert covered(event(staff=[NURSE], nytt_halsoproblem=True, nybesok=True)) == (True, "VG-NYTT")

    def test_a_drop_in_visit_is_decided_by_the_problem(self):
        """Räknas drop-in-besök som ett vårdgarantibesök?"""
        assert covered(event(planerad=False, nytt_halsoproblem=True)) == (True, "VG-NYTT")
        assert covered(event(planerad=False, nybesok=False)) == (False, "VG-ATERBESOK")

    @pytest.mark.parametrize("area", ["ovrig-primarvard", "modrahalsovard"])
    def test_the_area_does_not_decide_youth_clinics_are_covered(self, area):
        """Ingår ungdomsmottagningens patienter i vårdgarantin?"""
        assert covered(event(nytt_halsoproblem=True, delomrade=area)) == (True, "VG-NYTT")

    def test_what_is_no_vardkontakt_is_not_judged(self):
        assert judge(replace(VISIT, kind="koordineringsinsats"), NOTHING) is None
        assert judge(replace(VISIT, kind="vardtillfalle"), NOTHING) is None


class TestReferralsAndKompetens:
    REFERRED = Known(by_physician=True)

    def test_a_physician_who_refers_to_a_dietist_has_assessed(self):
        """Vad gäller vid läkarremiss till annan yrkesgrupp?"""
        assert covered(event(staff=[NURSE]), self.REFERRED) == (False, "VG-LAKARREMISS")
        assert covered(event(staff=[NURSE], nytt_halsoproblem=True), self.REFERRED) == (
            False,
            "VG-LAKARREMISS",
        )

    def test_a_referral_to_nobody_knows_whom_is_left_open(self):
        assert covered(event(staff=()), self.REFERRED) == (None, "VG-OKANT")

    def test_a_referral_to_a_physician_is_decided_by_the_problem(self):
        assert covered(event(nytt_halsoproblem=True), self.REFERRED) == (True, "VG-NYTT")

    def test_a_new_problem_referred_from_specialised_care_is_covered(self):
        """Vad händer vid remiss till primärvården från den specialiserade vården?"""
        known = Known(by_physician=True, elsewhere=True)
        assert covered(event(staff=[NURSE], nytt_halsoproblem=True), known) == (True, "VG-NYTT")
        assert covered(event(staff=[NURSE]), known) == (False, "VG-LAKARREMISS")

    def test_after_kompetens_ja_a_later_visit_is_a_return_visit(self):
        """Återbesök eller ny medicinsk bedömning?"""
        assert covered(event(), Known(could_assess=True)) == (False, "VG-BEDOMD")

    def test_another_new_problem_after_kompetens_ja_is_covered(self):
        assert covered(event(nytt_halsoproblem=True), Known(could_assess=True)) == (True, "VG-NYTT")

    def test_after_kompetens_nej_the_assessment_is_covered(self):
        """Återbesök eller ny medicinsk bedömning?"""
        assert covered(event(), Known(could_assess=False)) == (True, "VG-KOMPETENS-NEJ")
        assert covered(event(kompetens=False)) == (True, "VG-KOMPETENS-NEJ")

    def test_kompetens_ja_alone_does_not_say_that_the_problem_is_new(self):
        assert covered(event(kompetens=True)) == (None, "VG-OKANT")

    def test_a_self_referral_is_taken_to_be_about_a_new_problem(self):
        """Vad gäller vid egenanmälan via nätet?"""
        assert covered(event(egenanmalan=True)) == (True, "VG-EGENANMALAN")
        assert covered(event(egenanmalan=True, nybesok=False)) == (False, "VG-ATERBESOK")


class TestDayNought:
    def start(self, known=NOTHING, on="2026-03-08", planerad=None, **tillgang):
        found = guarantee(event(on=on, planerad=planerad, nytt_halsoproblem=True, **tillgang), known)
        return found.start, found.dagar, found.inom

    @pytest.mark.parametrize(
        ("on", "days", "inside"),
        [("2026-03-05", 0, True), ("2026-03-06", 1, True), ("2026-03-07", 2, True), ("2026-03-08", 3, True),
         ("2026-03-09", 4, False)],
    )  # fmt: skip
    def test_the_example_of_the_fifth_of_march(self, on, days, inside):
        """Hur ser vårdgarantins tidsgränser ut?"""
        assert self.start(on=on, bokad="2026-03-05") == ("2026-03-05", days, inside)

    def test_a_referral_counts_from_its_assessment(self):
        """Från vilket datum gäller vårdgarantin vid remiss?"""
        found = self.start(remissdatum="2026-02-20", beslutsdatum="2026-03-06", bokad="2026-03-07")
        assert found == ("2026-03-06", 2, True)

    def test_a_referral_of_unknown_assessment_is_not_counted(self):
        """Från vilket datum gäller vårdgarantin vid remiss?"""
        assert self.start(remissdatum="2026-02-20", bokad="2026-03-07") == (None, None, None)

    def test_a_self_referral_counts_from_the_day_it_was_made(self):
        """Vad gäller vid egenanmälan via nätet?"""
        found = self.start(egenanmalan=True, remissdatum="2026-03-04", beslutsdatum="2026-03-07")
        assert found == ("2026-03-04", 4, False)

    def test_after_kompetens_nej_the_days_count_from_the_first_contact(self):
        """Återbesök eller ny medicinsk bedömning?"""
        known = Known(could_assess=False, first_contact="2026-03-04")
        assert self.start(known, bokad="2026-03-07") == ("2026-03-04", 4, False)

    def test_a_drop_in_visit_is_day_nought(self):
        """Räknas drop-in-besök som ett vårdgarantibesök?"""
        assert self.start(planerad=False) == ("2026-03-08", 0, True)

    @pytest.mark.parametrize("planerad", [None, True])
    def test_without_any_day_nothing_is_counted(self, planerad):
        assert self.start(planerad=planerad) == (None, None, None)

    def test_what_is_not_covered_has_no_days(self):
        found = guarantee(event(bokad="2026-03-01", nybesok=False))
        assert (found.omfattas, found.start, found.dagar, found.inom) == (False, None, None, None)

    def test_the_days_are_facts_also_where_coverage_is_not_known(self):
        found = guarantee(event(bokad="2026-03-04"))
        assert (found.omfattas, found.start, found.dagar, found.inom) == (None, "2026-03-04", 1, True)

    def test_a_day_after_the_contact_is_not_counted(self):
        judgement = judge(event(bokad="2026-03-06", nytt_halsoproblem=True), NOTHING)
        assert judgement is not None
        assert judgement.late
        assert (judgement.guarantee.start, judgement.guarantee.dagar) == (None, None)


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
STOCKHOLM = ZoneInfo("Europe/Stockholm")


class TestCalendarDays:
    @given(DAYS, st.integers(0, 800))
    def test_days_later_is_that_many_days(self, start, days):
        assert days_between(start.isoformat(), (start + timedelta(days=days)).isoformat()) == days

    @given(DAYS, st.integers(0, 10), st.integers(0, 1439), st.integers(0, 1439))
    def test_the_time_of_day_and_the_change_of_clocks_do_not_matter(self, start, days, one, other):
        """Hours between two moments are 23 or 25 a day at the changes; calendar days are not."""
        end = start + timedelta(days=days)
        first, last = local_day(start, one), local_day(end, other)
        assert days_between(first, last) == days

    @given(st.integers(1991, 2089), st.integers(0, 5), st.integers(0, 5))
    def test_the_turn_of_the_year_is_a_day_like_others(self, year, before, after):
        start, end = date(year, 12, 31 - before), date(year + 1, 1, 1 + after)
        assert days_between(start.isoformat(), end.isoformat()) == before + 1 + after

    @pytest.mark.parametrize(
        ("contact", "care", "days"),
        [
            ("2026-03-28T23:30:00Z", "2026-04-01T22:30:00+02:00", 3),  # the night when clocks go forward
            ("2026-10-25T00:30:00Z", "2026-10-28T22:59:59Z", 3),  # the night when they go back
            ("2025-12-31T22:59:00Z", "2026-01-03T23:30:00Z", 4),  # New Year's Eve in Sweden; past midnight
            ("2025-12-31T23:30:00Z", "2026-01-04T12:00:00Z", 3),  # New Year's Day in Sweden
        ],
    )
    def test_moments_count_by_the_swedish_calendar(self, contact, care, days):
        """Hur ser vårdgarantins tidsgränser ut?"""
        first, last = to_local(contact), to_local(care)
        assert isinstance(first, LocalTime)
        assert isinstance(last, LocalTime)
        assert days_between(first.datum, last.datum) == days


def local_day(day, minute):
    """The local day of a moment at this minute of the wall clock, by way of FHIR's text in UTC."""
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=STOCKHOLM)
    found = to_local(moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert isinstance(found, LocalTime)
    return found.datum


class TestTheReason:
    """What an answer stands on, for the trace."""

    @pytest.mark.parametrize(
        ("typ", "kanal", "rule"),
        [
            ("kontakt-om-patient", None, "VG-UTAN-PATIENT"),
            ("telefonsamtal", "telefon", "VG-BEHOVSBEDOMNING"),
            ("triage", "telefon", "VG-BEHOVSBEDOMNING"),
            ("triage", "fysisk", "VG-TRIAGE"),
            ("text-ersatter-ej-besok", "text", "VG-EJ-KVALIFICERAD"),
        ],
    )
    def test_what_the_type_decides_stands_on_the_type(self, typ, kanal, rule):
        judgement = judge(event(typ, kanal), NOTHING)
        assert judgement is not None
        assert (judgement.covered.rule, judgement.covered.members) == (rule, ("kontakt.typ",))

    def test_a_drop_in_counts_from_its_own_day_as_the_rule_says(self):
        judgement = judge(event(planerad=False, nytt_halsoproblem=True), NOTHING)
        assert judgement is not None
        assert judgement.start is not None
        assert (judgement.start.rule, judgement.start.value) == ("VG-START-DROPIN", "2026-03-05")
        assert judgement.start.members == ("tid.startdatum", "kontakt.planerad")
