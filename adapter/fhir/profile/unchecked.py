"""What a profile asks for and the check cannot tell: so that nobody believes it was checked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapter.fhir.profile.element import R4_PREFIX, Element
from adapter.fhir.profile.invariants import LAWS

if TYPE_CHECKING:
    from adapter.fhir.profile.profiles import Profiles


def unchecked_parts(profiles: "Profiles", element: Element) -> Iterator[str]:
    """One line for each binding, invariant and profile of elsewhere, with the element's id."""
    if element.value_set is not None and element.value_set not in profiles.value_sets:
        yield f"{element.id}: value set {element.value_set}"
    for law in element.laws:
        if law.key not in LAWS:
            yield f"{element.id}: invariant {law.key}"
    for kind in element.kinds:
        for url in kind.profiles:
            if not url.startswith(R4_PREFIX) and profiles.definition(url) is None:
                yield f"{element.id}: profile {url}"
    for child in (*element.children, *element.slices):
        yield from unchecked_parts(profiles, child)
