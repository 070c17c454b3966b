"""Participation types: who counts as staff, and on which leaves that depends."""

import pytest

from adapter.mapping.codings import Coding
from adapter.mapping.participation import is_main, part_paths, takes_part

V3, HL7 = "v3-participationtype", "participant-type"


def roles(*pairs):
    return [
        Coding(system, code, (f"{index}.code", f"{index}.system") if system else (f"{index}.code",))
        for index, (system, code) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("given", "counts"),
    [
        ([], True),
        ([(V3, "ATND")], True),
        ([("urn:local", "x")], True),
        ([(V3, "REF")], False),
        ([("", "REF")], False),
        ([("urn:local", "REF")], True),
        ([(HL7, "translator")], False),
        ([(HL7, "emergency")], False),
        ([(V3, "translator")], False),
        ([(HL7, "REF")], False),
        ([("urn:local", "translator")], True),
        ([(V3, "REF"), ("urn:local", "x")], False),
        ([(V3, "REF"), (V3, "CON")], True),
        ([(V3, "REF"), ("urn:local", "CON")], False),
    ],
)
def test_who_takes_part(given, counts):
    assert takes_part(roles(*given)) is counts


def test_the_main_responsible_is_pprf_of_the_standard_or_of_no_system():
    assert is_main(roles((V3, "PPRF")))
    assert is_main(roles(("", "PPRF")))
    assert not is_main(roles(("urn:local", "PPRF")))
    assert not is_main(roles((V3, "ATND")))


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ([(V3, "ATND")], ("0.code",)),
        ([("urn:local", "x")], ()),
        ([("urn:local", "REF")], ("0.system",)),
        ([(V3, "REF"), (V3, "CON")], ("1.code", "1.system")),
        ([(V3, "ATND"), (V3, "CON")], ()),
    ],
)
def test_what_taking_part_depends_on(given, paths):
    assert part_paths(roles(*given)) == paths
