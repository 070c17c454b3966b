"""The ImplementationGuide resource of a package: by it tools know which canonical base belongs to it."""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

_BASES = {"hl7se.fhir.base": "http://hl7.se/fhir/ig/base/ImplementationGuide/hl7se.fhir.base"}


def guide(resources: Iterable[Json], name: str, version: str, base: str, needs: Mapping[str, str]) -> Json:
    """An ImplementationGuide that lists these resources.

    `name` is the package's; `needs` are the packages that it needs, with their versions.
    """
    return {
        "resourceType": "ImplementationGuide",
        "id": "vardbro",
        "url": f"{base}/ImplementationGuide/vardbro",
        "version": version,
        "name": "Vardbro",
        "title": "vardbro: reporting of Swedish care contacts",
        "status": "active",
        "experimental": False,
        "publisher": "vardbro",
        "packageId": name,
        "fhirVersion": ["4.0.1"],
        "dependsOn": [
            {"id": package.replace(".", "-"), "uri": url, "packageId": package, "version": needs[package]}
            for package, url in _BASES.items()
        ],
        "definition": {
            "resource": [
                {
                    "reference": {"reference": f"{one['resourceType']}/{one['id']}"},
                    "name": str(one.get("title", one.get("name", one["id"]))),
                    "exampleBoolean": False,
                }
                for one in sorted(resources, key=lambda one: (one["resourceType"], one["id"]))
            ]
        },
    }
