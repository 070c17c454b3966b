"""Writes the snapshots of our profiles and extensions into their files.

    python -m adapter.fhir.profile.generate R4 BASE

R4 is a folder with HL7's StructureDefinition-*.json of FHIR 4.0.1, BASE one with those of hl7se.fhir.base
1.1.0. Only the `snapshot` of a file is written; its differential is the source.
"""

import json
import sys
from pathlib import Path
from typing import Any

from adapter.fhir.profile.snapshot import snapshot_of
from adapter.resources import data_folder

Json = dict[str, Any]


def own_files(profiles: Path) -> list[Path]:
    """The files of our profiles and extensions."""
    return [
        *sorted(profiles.glob("extensions/*.json")),
        *sorted(profiles.glob("structure-definitions/*.json")),
    ]


def complete(files: list[Path], *bases: Path) -> dict[Path, str]:
    """What belongs into each of the files. Raises KeyError when a base is not in the folders `bases`."""
    own = {file: json.loads(file.read_text("utf-8")) for file in files}
    known: dict[str, Json] = {one["url"]: one for one in own.values()}
    for folder in bases:
        for file in folder.glob("StructureDefinition-*.json"):
            definition = json.loads(file.read_text("utf-8"))
            known[definition["url"]] = definition
    return {file: _with_snapshot(one, known) for file, one in own.items()}


def _with_snapshot(definition: Json, known: dict[str, Json]) -> str:
    bare = {name: value for name, value in definition.items() if name not in ("snapshot", "differential")}
    # a base of our own may carry an old snapshot in its file
    others = {url: _bare(one) if url.startswith(_own_base(definition)) else one for url, one in known.items()}
    made = {
        **bare,
        "snapshot": {"element": snapshot_of(definition, others.__getitem__)},
        "differential": definition["differential"],
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def _bare(definition: Json) -> Json:
    return {name: value for name, value in definition.items() if name != "snapshot"}


def _own_base(definition: Json) -> str:
    return str(definition["url"]).rpartition("/")[0]


def main(*folders: str) -> None:
    """Write the snapshots."""
    bases = [Path(folder) for folder in folders]
    for file, text in complete(own_files(data_folder("profiles")), *bases).items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
