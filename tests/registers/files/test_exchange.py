"""What the index and the receipts say about an attempt: every case of a look-up."""

from typing import Any

import pytest

from adapter.domain.message import Found, Operation, Outcome, OutcomeClass
from adapter.registers.files import exchange
from adapter.registers.protocol import Answer
from tests.registers.files.conftest import Folder, ask

CREATE, UPDATE, CANCEL = Operation.CREATE, Operation.UPDATE, Operation.CANCEL


def sent(operation: Operation, **members: Any):
    return exchange.delivery(operation, "vardkontakt", "a", {"kontaktId": "a", **members}, "key")


def found(folder: Folder, operation: Operation, **members: Any) -> Found | Outcome:
    return exchange.read_lookup(operation, sent(operation, **members), None, folder.serve(ask("a"))[0])


def test_what_was_never_published_is_absent(folder: Folder):
    assert found(folder, CREATE, n=1) is Found.ABSENT
    assert found(folder, UPDATE, n=1) is Found.ABSENT


def test_a_cancel_of_what_was_never_published_is_done(folder: Folder):
    assert found(folder, CANCEL) is Found.EQUAL


def test_what_was_published_is_equal(folder: Folder):
    folder.serve(sent(CREATE, n=1))
    assert found(folder, CREATE, n=1) is Found.EQUAL


def test_an_update_that_was_not_published_finds_the_older_version(folder: Folder):
    folder.serve(sent(CREATE, n=1))
    assert found(folder, UPDATE, n=2) is Found.DIFFERENT


def test_going_back_to_the_first_content_is_not_taken_for_the_first_report(folder: Folder):
    folder.serve(sent(CREATE, n=1), sent(UPDATE, n=2))
    assert found(folder, UPDATE, n=1) is Found.DIFFERENT


def test_a_cancel_is_done_when_it_was_published_and_not_before(folder: Folder):
    folder.serve(sent(CREATE, n=1))
    assert found(folder, CANCEL) is Found.DIFFERENT
    folder.serve(sent(CANCEL))
    assert found(folder, CANCEL) is Found.EQUAL


def test_a_report_after_a_cancel_is_absent_until_it_is_published(folder: Folder):
    folder.serve(sent(CREATE, n=1), sent(CANCEL))
    assert found(folder, CREATE, n=2) is Found.ABSENT


def test_a_record_that_waits_for_its_receipt_is_in_doubt_with_a_cause_of_its_own(answered: Folder):
    answered.serve(sent(CREATE, n=1))
    outcome = found(answered, CREATE, n=1)
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.UNKNOWN, "awaiting-receipt")


def test_a_receipt_that_accepts_makes_it_equal(answered: Folder):
    answered.serve(sent(CREATE, n=1))
    answered.receipt("r.json", {"batch": answered.manifests()[0]["batch"], "accepted": ["a"]})
    assert found(answered, CREATE, n=1) is Found.EQUAL


@pytest.fixture
def rejected(answered: Folder) -> Folder:
    answered.serve(sent(CREATE, n=1))
    batch = answered.manifests()[0]["batch"]
    reason = "patienten 191212121212 finns inte"
    answered.receipt("r.json", {"batch": batch, "rejected": [{"record": "a", "reason": reason}]})
    return answered


def test_a_receipt_that_rejects_is_told_with_its_reason_and_no_identity_number(rejected: Folder):
    outcome = found(rejected, CREATE, n=1)
    assert isinstance(outcome, Outcome)
    assert (outcome.kind, outcome.cause) == (OutcomeClass.REJECTED, "receipt-rejected")
    assert outcome.reason is not None
    assert "finns inte" in outcome.reason.sv
    assert "191212121212" not in outcome.reason.sv


def test_after_a_rejected_first_report_nothing_is_there(rejected: Folder):
    assert found(rejected, CREATE, n=2) is Found.ABSENT


def test_after_a_rejected_correction_the_older_version_is_there(answered: Folder):
    answered.serve(sent(CREATE, n=1))
    answered.serve(sent(UPDATE, n=2))
    first, second = (manifest["batch"] for manifest in answered.manifests())
    answered.receipt("1.json", {"batch": first, "accepted": "all"})
    answered.receipt("2.json", {"batch": second, "rejected": [{"record": "a"}]})
    assert found(answered, UPDATE, n=3) is Found.DIFFERENT


def test_without_a_reason_the_receipt_gets_a_text_of_ours():
    outcome = exchange.rejected("", None)
    assert outcome.reason is not None
    assert outcome.reason.en == "The receiver's receipt rejects the record without an explanation."


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (Answer(status=200), OutcomeClass.ACCEPTED, "accepted"),
        (Answer(status=202), OutcomeClass.UNKNOWN, "awaiting-receipt"),
        (Answer(failure="disk-full"), OutcomeClass.NOT_SENT, "disk-full"),
        (Answer(failure="folder-missing"), OutcomeClass.NOT_SENT, "folder-missing"),
        (Answer(failure="folder-not-writable"), OutcomeClass.NOT_SENT, "folder-not-writable"),
        (Answer(failure="index-unreadable"), OutcomeClass.NOT_SENT, "index-unreadable"),
        (Answer(failure="closed"), OutcomeClass.NOT_SENT, "closed"),
        (Answer(failure="not-published"), OutcomeClass.UNKNOWN, "not-published"),
        (Answer(failure="read-timeout"), OutcomeClass.UNKNOWN, "read-timeout"),
        (Answer(status=404), OutcomeClass.UNKNOWN, "http-404"),
    ],
)
def test_what_an_answer_to_a_delivery_means(answer: Answer, kind: OutcomeClass, cause: str):
    outcome = exchange.read(answer)
    assert (outcome.kind, outcome.cause) == (kind, cause)


def test_a_look_up_that_the_folder_could_not_answer_was_not_sent():
    outcome = exchange.read_lookup(CREATE, sent(CREATE), None, Answer(failure="folder-missing"))
    assert isinstance(outcome, Outcome)
    assert outcome.kind is OutcomeClass.NOT_SENT
