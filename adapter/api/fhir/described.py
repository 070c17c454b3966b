"""What the CapabilityStatement says of this installation beside its interactions."""

from collections import defaultdict
from datetime import UTC, datetime

from adapter.api.fhir.capability import About
from adapter.api.services import Services


def about(services: Services, *, is_open: bool, token: str | None) -> About:
    """The installation as it is now. `token` is the address of the token endpoint, where there is one."""
    shelf = services.shelf
    profiles: dict[str, list[str]] = defaultdict(list)
    for one in shelf.library.of_type("StructureDefinition") if shelf is not None else ():
        if one.get("kind") == "resource":
            profiles[one["type"]].append(one["url"])
    return About(
        url=f"{services.config.http.base}/fhir",
        now=datetime.now(UTC).replace(microsecond=0),
        is_open=is_open,
        token=token,
        profiles=dict(profiles),
    )
