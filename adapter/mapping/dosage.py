"""Whether a prescription says the same dosage as the one before it (MedicationRequest.dosageInstruction).

Compared is what the patient takes: dose, rate, timing, route, as needed, and the most allowed. How long the
prescription lasts (timing.repeat.bounds), how much is dispensed and what is written beside it are not dosage.
Where the structure tells nothing, the free text is compared. What cannot be compared is no evidence of a
change.
"""

from typing import Any, Literal

Verdict = Literal["same", "changed", "unknown"]

_STRUCTURED = ("timing", "asNeededBoolean", "asNeededCodeableConcept", "route", "doseAndRate",
               "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime")  # fmt: skip
_TELLING = frozenset(("timing", "doseAndRate", "maxDosePerPeriod", "maxDosePerAdministration"))
"""The parts that tell a dosage by themselves."""
_ASIDE = frozenset(("id", "extension", "display", "text", "event", "type"))
_UNITS = {
    "kg": (1e3, "g"), "g": (1.0, "g"), "mg": (1e-3, "g"), "ug": (1e-6, "g"),
    "mcg": (1e-6, "g"), "µg": (1e-6, "g"),
    "l": (1.0, "l"), "dl": (0.1, "l"), "cl": (1e-2, "l"), "ml": (1e-3, "l"),
}  # fmt: skip
_DIGITS = 9


def compare(own: Any, earlier: Any) -> Verdict:
    """Compare two lists of Dosage, as they stand in the resources (None: not given)."""
    one, other = _listed(own), _listed(earlier)
    if not one or not other:
        return "unknown"
    if all(map(_tells, one)) and all(map(_tells, other)):
        return "same" if _parts(one) == _parts(other) else "changed"
    texts = [[_text(dosage) for dosage in listed] for listed in (one, other)]
    if all(texts[0]) and all(texts[1]):
        return "same" if texts[0] == texts[1] else "changed"
    return "unknown"


def _listed(dosages: Any) -> list[dict[str, Any]]:
    """The dosages in their order: `sequence`, else as they stand."""
    found = [one for one in dosages if isinstance(one, dict)] if isinstance(dosages, list) else []
    return sorted(found, key=lambda one: one["sequence"] if isinstance(one.get("sequence"), int) else 0)


def _tells(dosage: dict[str, Any]) -> bool:
    return any(_plain(dosage.get(name)) for name in _TELLING)


def _text(dosage: dict[str, Any]) -> str:
    text = dosage.get("text")
    return " ".join(text.casefold().split()).rstrip(".") if isinstance(text, str) else ""


def _parts(dosages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: _plain(one[name]) for name in _STRUCTURED if name in one} for one in dosages]


def _plain(value: Any) -> Any:
    """A part without what only shows it: quantities in one unit, codings as system and code."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (dict, int, float)):
        return value
    if not isinstance(value, dict):
        return round(float(value), _DIGITS)
    if "value" in value and not isinstance(value["value"], (dict, list)):
        return _quantity(value)
    if isinstance(value.get("coding"), list):
        codes = [(one.get("system"), one.get("code")) for one in value["coding"] if isinstance(one, dict)]
        return sorted(codes, key=str)
    return {
        name: _plain(inner)
        for name, inner in value.items()
        if name not in _ASIDE and not name.startswith("bounds")
    }


def _quantity(value: dict[str, Any]) -> Any:
    unit = str(value.get("code") or value.get("unit") or "").strip().casefold()
    amount = value["value"]
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        return (str(amount), unit, value.get("comparator"))
    factor, base = _UNITS.get(unit, (1.0, unit))
    return (round(amount * factor, _DIGITS), base, value.get("comparator"))
