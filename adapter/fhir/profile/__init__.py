"""Profiles: checks resources against our StructureDefinitions (profiles/structure-definitions).

    profiles = load_profiles(data_folder("profiles"))
    profiles.check(resource, url, "Encounter", findings)

R4's own structure is not checked again: `adapter.fhir.structure` does that for every resource.
"""

from adapter.fhir.profile.claims import claim_remarks, intake_remarks
from adapter.fhir.profile.profiles import Profiles, load_profiles

__all__ = ["Profiles", "claim_remarks", "intake_remarks", "load_profiles"]
