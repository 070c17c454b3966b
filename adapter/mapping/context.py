"""What the mapping needs to know besides the bundle: the sender's settings, aliases, maps and tables."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from adapter.domain.naming_key import NamingKey
from adapter.domain.rule import Catalogue
from adapter.domain.testpersons import TestPersons
from adapter.mapping.aliases import AliasTable
from adapter.mapping.concept_maps import ConceptMaps
from adapter.mapping.terminology import KombikaTable, Terminology

VersionSource = Literal["arrival", "lastUpdated", "versionId", "bundle-timestamp"]
VardkontakttypReading = Literal["besok", "sluten-oppen"]


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """One sender's settings (docs/reference/configuration).

    `version_source` says where the versions of its contacts come from. `vardkontakttyp_reading` says which
    of the two conflicting readings of kv_vardkontakttyp it uses; without it the codes are left out.
    `default_unit` is the HSA-id of the care unit for contacts that name none. `default_taxa` and
    `default_besokstyp` are the register's codes for contacts that carry none of their own.
    """

    name: str = "default"
    version_source: VersionSource = "arrival"
    vardkontakttyp_reading: VardkontakttypReading | None = None
    default_unit: str | None = None
    default_taxa: str | None = None
    default_besokstyp: str | None = None


class MappingContext(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides how a bundle of one sender is read. Immutable, shared between bundles.

    `naming` is the key of ids that are made from a person's number.
    `test_persons` are those whose contacts no register in production gets. `referred` names contacts (by
    identifier, in the form of Mapped.identifier) on which visits of other bundles follow, with the event ids
    of those visits. `latest` is the instant (FHIR's form) after which nothing that is reported can have
    happened: a day after the bundle came; None where nobody knows when that was.
    """

    sender: Sender
    naming: NamingKey
    catalogue: Catalogue
    aliases: AliasTable
    concept_maps: ConceptMaps
    terminology: Terminology
    kombika: KombikaTable
    test_persons: TestPersons = TestPersons()
    referred: Mapping[str, tuple[str, ...]] = {}
    latest: str | None = None
