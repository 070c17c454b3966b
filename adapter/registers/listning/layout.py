"""The file of the listing service: ``personnummer;hsaId;fromDatum``, one row per patient (assumed)."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapter.errors import ConfigurationError
from adapter.registers.files.batch import BatchFormat, Record

COLUMNS = {"patientId": "personnummer", "lakareHsaId": "hsaId", "fran": "fromDatum"}
"""The members of a record and the heads of their columns, in the order of the file."""


class ListningLayout(BatchFormat):
    """UTF-8, semicolons, one line of heads, sorted by patient; a row without `hsaId` ends the patient's link.

    `rename` gives columns other heads. Raises ConfigurationError for a member that there is not.
    """

    name = "csv"
    suffix = ".csv"

    def __init__(self, rename: Mapping[str, str] | None = None) -> None:
        unknown = (rename or {}).keys() - COLUMNS.keys()
        if unknown:
            raise ConfigurationError(f"registers.listning.rename: there is no member {min(unknown)!r}")
        self._heads = {**COLUMNS, **(rename or {})}

    def arranged(self, records: Sequence[Record]) -> Sequence[Record]:
        """Sorted by patient; of several records of a patient the one with the newest date."""
        newest: dict[str, tuple[str, Record]] = {}
        for record in records:
            body = _body(record)
            patient, since = body.get("patientId", ""), body.get("fran", "")
            if patient not in newest or since >= newest[patient][0]:
                newest[patient] = (since, record)
        return [newest[patient][1] for patient in sorted(newest)]

    def encode(self, records: Sequence[Record], batch: str) -> bytes:  # noqa: ARG002
        """The file: heads, then a row per record."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\n")
        writer.writerow(self._heads.values())
        for record in records:
            body = _body(record)
            writer.writerow([body.get(member, "") for member in COLUMNS])
        return text.getvalue().encode()


def _body(record: Record) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(record.body)
    return body
