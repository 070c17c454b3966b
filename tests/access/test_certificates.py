"""Whose certificate it is: by fingerprint, file, subject or alternative name."""

from pathlib import Path

import pytest
from cryptography import x509

from adapter.access.certificates import Certificates
from adapter.errors import ConfigurationError
from tests.support.certificates import Authority, Issued


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return Authority(tmp_path).issue(
        "journal-a",
        alternatives=[
            x509.DNSName("Journal-A.example"),
            x509.UniformResourceIdentifier("urn:oid:1.2.752.29.4.19:SE1"),
            x509.RFC822Name("drift@region.example"),
        ],
    )


@pytest.mark.parametrize(
    "described",
    [
        "sha256:{print}",
        "{print}",
        "{plain}",
        "sha256:{lower}",
        "file:{pem}",
        "CN=journal-a,O=Region Test,C=SE",
        "C=SE,O=Region Test,CN=journal-a",
        "2.5.4.3=journal-a,O=Region Test,C=SE",
        "san:dns:journal-a.EXAMPLE",
        "san:uri:urn:oid:1.2.752.29.4.19:SE1",
        "san:email:DRIFT@region.example",
    ],
)
def test_a_certificate_is_known_by_each_of_its_marks(issued: Issued, described: str) -> None:
    fingerprint = issued.fingerprint
    text = described.format(
        print=fingerprint, plain=fingerprint.replace(":", ""), lower=fingerprint.lower(), pem=issued.pem
    )
    assert Certificates({"a": [text], "b": ["CN=somebody,C=SE"]}).owner(issued.der) == "a"


@pytest.mark.parametrize(
    "described",
    [
        "sha256:" + "0" * 64,
        "CN=journal-a,O=Region Test",
        "CN=journal-a",
        "CN=Journal-A,O=Region Test,C=SE",
        "CN=journal-a,O=Region Test,C=SE,OU=x",
        "san:dns:example",
        "san:dns:*.example",
        "san:email:journal-a.example",
    ],
)
def test_what_fits_in_part_does_not_fit(issued: Issued, described: str) -> None:
    assert Certificates({"a": [described]}).owner(issued.der) is None


def test_while_it_is_changed_a_sender_has_two(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    old, new = authority.issue("old"), authority.issue("new")
    certificates = Certificates({"a": [old.fingerprint, new.fingerprint]})
    assert {certificates.owner(one.der) for one in (old, new)} == {"a"}


def test_one_that_would_fit_two_senders_is_nobodys(issued: Issued) -> None:
    certificates = Certificates({"a": [issued.fingerprint], "b": ["CN=journal-a,O=Region Test,C=SE"]})
    assert certificates.owner(issued.der) is None


def test_a_connection_that_outlives_its_certificate_proves_nothing_any_more(issued: Issued) -> None:
    until = issued.certificate.not_valid_after_utc.timestamp()
    since = issued.certificate.not_valid_before_utc.timestamp()
    for now, owner in ((until, "a"), (until + 1, None), (since, "a"), (since - 1, None)):
        assert Certificates({"a": [issued.fingerprint]}, lambda now=now: now).owner(issued.der) == owner


def test_what_is_no_certificate_is_nobodys() -> None:
    assert Certificates({"a": ["0" * 64]}).owner(b"garbage") is None


@pytest.mark.parametrize(
    "described",
    [
        "",
        "sha256:12",
        "journal-a",
        "san:ip:10.0.0.1",
        "san:dns:",
        "CN=",
        "=x",
        "file:/nowhere.pem",
        "sha256:CN=x",
    ],
)
def test_a_description_of_no_use_is_wrong_configuration(described: str) -> None:
    with pytest.raises(ConfigurationError, match=r"senders\.a\.certificate"):
        Certificates({"a": [described]})


def test_two_senders_with_the_same_certificate_are_wrong_configuration(issued: Issued) -> None:
    with pytest.raises(ConfigurationError, match="same certificate"):
        Certificates({"a": [issued.fingerprint], "b": [f"file:{issued.pem}"]})
