"""A canary's number and name stand wherever a bundle has room for them; no report shows them."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapter.cli.root import run
from tests.conformance_kit.conftest import bundle

NUMBER, SHORT, FAMILY, GIVEN = "195009072553", "500907-2553", "Kanariefågelström", "Tweetilda"
CANARY = f"{GIVEN} {FAMILY} {NUMBER}"


def _person() -> dict[str, Any]:
    return {
        "id": NUMBER,
        "more": {
            "name": [{"family": FAMILY, "given": [GIVEN], "text": CANARY}],
            "text": {
                "status": "generated",
                "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{CANARY}</div>',
            },
            "address": [{"line": [CANARY]}],
            "telecom": [{"system": "email", "value": f"{GIVEN}.{FAMILY}@example.se"}],
            "contact": [{"name": {"text": CANARY}}],
        },
    }


def _everywhere() -> dict[str, dict[str, Any]]:
    """Bundles that are fit, and that are wrong at places where a careless message would quote the value."""
    fit = bundle(patient=_person(), encounter={"reasonCode": [{"text": CANARY}]})
    wrong_code = bundle(patient=_person(), diagnoses=[CANARY], type=[f"vardkontakttyp|{NUMBER}"])
    unknown = bundle(patient=_person(), encounter={NUMBER: CANARY, FAMILY: 1})
    status = bundle(patient=_person(), encounter={"status": CANARY, "period": {"start": NUMBER}})
    system = bundle(patient=_person(), diagnoses=[{"code": "J18.9", "system": f"urn:x:{NUMBER}:{FAMILY}"}])
    extension = bundle(
        patient=_person(),
        encounter={"extension": [{"url": f"https://x.example/{NUMBER}", "valueString": CANARY}]},
    )
    batch = {**bundle(patient=_person(), encounter={FAMILY: CANARY}), "type": "batch"}
    for entry in batch["entry"]:
        entry["request"] = {
            "method": "POST",
            "url": f"{entry['resource']['resourceType']}?identifier={NUMBER}",
        }
    return {
        f"{GIVEN}_{FAMILY}.json": fit,
        f"{NUMBER}.json": wrong_code,
        f"{SHORT} {FAMILY}.json": unknown,
        "status.json": status,
        "system.json": system,
        "extension.json": extension,
        "batch.json": batch,
    }


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_report_and_what_is_printed_hold_neither_number_nor_name(
    tmp_path: Path, capsys, lang: str
) -> None:
    folder = tmp_path / "bundles"
    folder.mkdir()
    for name, content in _everywhere().items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    (folder / f"{CANARY}.json").write_text(f'{{"resourceType": "{CANARY}", ', "utf-8")
    (folder / f"{FAMILY}.ndjson").write_text(json.dumps(bundle(id="line", patient=_person())), "utf-8")
    made = {name: tmp_path / name for name in ("report.html", "report.json", "history.ndjson")}
    options = [
        "--report",
        made["report.html"],
        "--json",
        made["report.json"],
        "--history",
        made["history.ndjson"],
    ]
    run(["conform", str(folder), *map(str, options), "--lang", lang])
    shown = capsys.readouterr()
    for text in (shown.out, shown.err, *(file.read_text("utf-8") for file in made.values())):
        assert text is not shown.out or "GVR" in text.upper()
        for secret in (NUMBER, NUMBER[2:], SHORT, FAMILY, GIVEN):
            assert secret.casefold() not in text.casefold()
