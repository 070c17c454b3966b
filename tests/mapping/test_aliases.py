import orjson
import pytest
from fhir.resources.R4B.namingsystem import NamingSystem

from adapter.domain.canonical import code_system
from adapter.errors import PackError
from adapter.mapping.aliases import READ_AS, AliasTable, load_aliases, normalised
from adapter.resources import data_folder

FOLDER = data_folder("mappings") / "naming-systems"
INERA = "https://terminologitjansten.inera.se"

# Every spelling that the product promises to know.
SPELLINGS = {
    "personnummer": ["http://electronichealth.se/identifier/personnummer", "urn:oid:1.2.752.129.2.1.3.1"],
    "samordningsnummer": [
        "http://electronichealth.se/identifier/samordningsnummer",
        "urn:oid:1.2.752.129.2.1.3.3",
    ],
    "nationellt-reservnummer": ["http://electronichealth.se/identifier/nationelltReservnummer"],
    "lma-nummer": ["http://electronichealth.se/identifier/LMA-nummer"],
    "reservnummer-stockholm": [
        "https://uid.regionstockholm.se/reservnummer",
        "urn:oid:1.2.752.97.3.1.3",
    ],
    "reservnummer-vgr": ["urn:oid:1.2.752.113.11.0.2.1.1.1"],
    "hsa-id": ["urn:oid:1.2.752.29.4.19", "urn:oid:1.2.752.129.2.1.4.1"],
    "organisationsnummer": ["urn:oid:2.5.4.97", "urn:oid:1.2.752.129.2.1.4.3"],
    "kombika": ["https://uid.regionstockholm.se/kombika", "urn:oid:1.2.752.129.2.1.2.1"],
    "icd-10-se": [
        "urn:oid:1.2.752.116.1.1.1.1.3",
        "urn:oid:1.2.752.116.1.1.1.1.8",
        "urn:oid:1.2.752.116.1.1.1",
        "https://www.icd10.se/",
        f"{INERA}/fhir/CodeSystem/icd-10-se",
        f"{INERA}/inera-kodverksforvaltning/kodverk/icd-10-se",
        "http://hl7.org/fhir/sid/icd-10-se",
    ],
    "icd-10": ["http://hl7.org/fhir/sid/icd-10"],
    "kva": [
        "urn:oid:1.2.752.116.1.3.2.1.4",
        "urn:oid:1.2.752.116.1.3.2.3.4",
        "urn:oid:1.2.752.116.1.3.2.3.5",
        "urn:oid:1.2.752.116.1.3.2.3.6",
        "http://electronichealth.se/id/kva",
        "https://www.socialstyrelsen.se/statistik-och-data/klassifikationer-och-koder/kva/",
        "http://klassifikationer.socialstyrelsen.se/kva",
    ],
    "snomed-ct": ["http://snomed.info/sct", "urn:oid:1.2.752.116.2.1.1"],
    "atc": ["http://www.whocc.no/atc", "urn:oid:1.2.752.129.2.2.3.1.1"],
    "sosnyk": ["urn:oid:1.2.752.116.1.3.6"],
    "hosp": ["urn:oid:1.2.752.116.3.1.3"],
    "hsa-befattning": ["urn:oid:1.2.752.129.2.2.1.4", "urn:oid:1.2.759.129.2.2.1.4"],
    "kv_vardkontakttyp": [
        f"{INERA}/inera-kodverksforvaltning/kodverk/kv_vardkontakttyp",
        "urn:oid:1.2.752.129.2.2.2.25",
    ],
    "kv_diagnostyp": [f"{INERA}/inera-kodverksforvaltning/kodverk/kv_diagnostyp"],
    "security-label": ["http://hl7.se/fhir/ig/base/CodeSystem/SecurityLabel"],
    "ksh97-p": ["urn:oid:1.2.752.116.1.3.1.4.1"],
    "v3-actcode": ["http://terminology.hl7.org/CodeSystem/v3-ActCode"],
    **{
        name: [code_system(name)]
        for name in (
            *("gvr-btyp", "gvr-taxa", "gvr-vdg", "gvr-vktyp"),
            *("vardkontakttyp", "boendeform", "avvikelseorsak", "yrkesgrupp", "kanal"),
        )
    },
}
ROWS = [(name, uri) for name, uris in SPELLINGS.items() for uri in uris]


@pytest.fixture(scope="module")
def aliases() -> AliasTable:
    return load_aliases(FOLDER)


@pytest.mark.parametrize(("name", "uri"), ROWS)
def test_every_promised_spelling_is_known(aliases, name, uri):
    assert aliases.name(uri) == name


@pytest.mark.parametrize(("name", "uri"), ROWS)
def test_case_a_trailing_slash_and_the_oid_prefix_do_not_count(aliases, name, uri):
    bare = uri.removeprefix("urn:oid:")
    for variant in (uri.upper(), uri.lower(), uri.rstrip("/") + "/", bare, f"URN:OID:{bare}"):
        assert aliases.name(variant) == name


@pytest.mark.parametrize(
    "uri", ["", "urn:oid:", "https://example.org/koder", "urn:oid:1.2.752.116.1.1", "icd-10-se"]
)
def test_other_uris_have_no_name(aliases, uri):
    assert aliases.name(uri) is None
    assert aliases.name(uri) is None  # also when met before


def test_whos_icd_10_is_known_apart_and_read_as_the_swedish_one(aliases):
    assert READ_AS[aliases.name("http://hl7.org/fhir/sid/icd-10")] == "icd-10-se"
    assert set(READ_AS.values()) <= set(aliases)


def test_a_misspelling_is_known_as_one(aliases):
    assert aliases.misspelt("urn:oid:1.2.759.129.2.2.1.4")
    assert not aliases.misspelt("urn:oid:1.2.752.129.2.2.1.4")
    assert not aliases.misspelt("https://example.org/koder")


def test_the_preferred_spelling_is_known_under_its_own_name(aliases):
    assert aliases.preferred("hsa-id") == "urn:oid:1.2.752.29.4.19"
    assert aliases.preferred("icd-10-se") == "https://www.icd10.se/"
    for name in aliases:
        assert aliases.name(aliases.preferred(name)) == name
        assert not aliases.misspelt(aliases.preferred(name))


def test_an_unknown_name_has_no_preferred_spelling(aliases):
    with pytest.raises(KeyError):
        aliases.preferred("okand")


def test_the_memory_of_strange_uris_is_bounded():
    table = AliasTable([system("x", "https://example.org/x")])
    for number in range(10_000):
        assert table.name(f"https://example.org/{number}") is None
    assert len(table._met) < 10_000
    assert table.name("https://example.org/x") == "x"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_naming_system_is_valid_fhir(path):
    resource = orjson.loads(path.read_bytes())
    NamingSystem.model_validate(resource)
    assert resource["id"] == path.stem
    preferred = [one["type"] for one in resource["uniqueId"] if one.get("preferred")]
    assert len(preferred) == len(set(preferred)), "FHIR invariant nsd-2: one preferred of each type"
    assert preferred


def test_two_systems_cannot_share_a_spelling():
    with pytest.raises(PackError, match="share"):
        AliasTable([system("a", "https://example.org/x"), system("b", "https://EXAMPLE.org/x/")])


@pytest.mark.parametrize(
    "ids",
    [
        None,
        [],
        [{}],
        [{"type": "other", "value": "a"}],
        [{"type": "uri", "value": "https://example.org/x"}],
        [{"type": "uri"}, {"type": "other", "value": "a"}],
    ],
)
def test_an_incomplete_naming_system_does_not_load(ids):
    with pytest.raises(PackError, match="incomplete"):
        AliasTable([{"id": "a", "uniqueId": ids}])


@pytest.mark.parametrize("content", ["{", '{"resourceType": "Patient"}', "[]"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "trasig.json").write_text(content)
    with pytest.raises(PackError, match=r"trasig\.json"):
        load_aliases(tmp_path)


def test_normalised_uris_compare():
    assert normalised("URN:OID:1.2.3/") == normalised("1.2.3")


def system(name: str, uri: str) -> dict:
    return {"id": name, "uniqueId": [{"type": "uri", "value": uri}, {"type": "other", "value": name}]}


def test_a_spelling_with_another_remark_is_no_misspelling():
    spelling = {"type": "uri", "value": "https://example.org/x"}
    remark = {"url": "https://example.org/anmarkning", "valueString": "ny"}
    name = {"type": "other", "value": "a"}
    table = AliasTable([{"id": "a", "uniqueId": [name, {**spelling, "extension": [remark]}]}])
    assert table.name("https://example.org/x") == "a"
    assert not table.misspelt("https://example.org/x")
