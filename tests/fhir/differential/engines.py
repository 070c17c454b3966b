"""Two other validators of R4's structure, asked the same way as ours."""

from typing import Any

import fhirkit
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

Json = dict[str, Any]


def fhirkit_says(resource: Json) -> list[str]:
    """What fhirkit (R4, generated from the specification) objects to: its errors as ``element: text``."""
    return [
        f"{issue.path.rpartition('.')[2]}: {issue.message}"
        for issue in fhirkit.validate(resource)
        if issue.severity == "error"
    ]


def fhir_resources_says(resource: Json) -> list[str]:
    """What fhir.resources' R4B models object to: pydantic's errors as ``element: kind``."""
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return [f"{one['loc'][-1] if one['loc'] else ''}: {one['type']}" for one in found]
    except (KeyError, TypeError, AttributeError, ValueError, AssertionError, RecursionError) as fault:
        return [f"raises {type(fault).__name__}"]
    return []


ENGINES = {"fhirkit": fhirkit_says, "fhir.resources": fhir_resources_says}
