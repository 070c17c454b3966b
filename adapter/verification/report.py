"""A certificate in words: rows for a table, and the page of results made from kept certificates.

``python -m adapter.verification.report`` writes the page from those in docs/reference/certificates.
"""

from collections.abc import Iterable

import msgspec

from adapter.resources import data_folder
from adapter.verification.certificate import PROMISES, Certificate, Spread
from adapter.verification.records import Break
from adapter.verification.scenarios import NAMES

Row = tuple[str, str]

_HEAD = """# Results of the fault suite

What `vardbro verify --faults` has found, and on which machine. [The fault suite](verify.md) says how it is
done and what each line means.

*Made by `python -m adapter.verification.report` from the certificates in `docs/reference/certificates`. Do
not edit.*
"""
_NOTHING = "No certificate is kept here yet.\n"


def rows(certificate: Certificate) -> list[Row]:
    """The certificate, line by line: what, and how much."""
    return [*_conditions(certificate), *_work(certificate), *_fates(certificate), *_times(certificate)]


def conclusion(certificate: Certificate) -> str:
    """Whether every promise held, or which broke."""
    broken = [PROMISES[promise] for promise in PROMISES if not certificate.promises.get(promise, True)]
    return "Every promise held." if not broken else f"BROKEN: {'; '.join(broken)}."


def story(found: Break) -> list[str]:
    """A broken promise with its contact's history, line by line."""
    where = f" (event {found.event})" if found.event else ""
    return [f"{found.promise}: {found.what}{where}", *(f"    {line}" for line in found.history)]


def page(certificates: Iterable[Certificate]) -> str:
    """The page of results (Markdown)."""
    parts = [_section(certificate) for certificate in certificates]
    return "\n".join([_HEAD, *(parts or [_NOTHING])])


def _section(certificate: Certificate) -> str:
    machine = certificate.machine
    lines = [f"## {certificate.scenario} on {machine.store}, {certificate.runs} runs\n"]
    lines.append(f"{NAMES.get(certificate.scenario, certificate.scenario).capitalize()}.\n")
    lines += ["| what | how much |", "|---|---|"]
    lines += [f"| {what} | {_in_cell(much)} |" for what, much in rows(certificate)]
    lines.append(f"\n**{conclusion(certificate)}**\n")
    return "\n".join(lines)


def _conditions(certificate: Certificate) -> list[Row]:
    machine = certificate.machine
    return [
        ("vardbro", f"{certificate.version}, {certificate.made_at}"),
        ("machine", f"{machine.cores} cores, {machine.system}, {machine.python}"),
        ("disk", f"{machine.file_system}; fsync of 4 kB takes {machine.fsync_ms:g} ms"),
        ("ledger", f"{machine.store}: {machine.durability}"),
        ("scenario", f"{certificate.scenario}: {NAMES.get(certificate.scenario, '')}"),
        ("seed", str(certificate.seed)),
    ]


def _work(certificate: Certificate) -> list[Row]:
    return [
        ("runs", f"{certificate.runs} on {certificate.ledgers} ledgers, in {certificate.seconds:g} s"),
        (
            "load",
            f"{certificate.senders} senders, {certificate.contacts_at_once} contacts at once,"
            f" {certificate.contacts} in all",
        ),
        ("sent again by the senders", str(certificate.resends)),
        ("faults of the register", _counted(certificate.faults)),
    ]


def _fates(certificate: Certificate) -> list[Row]:
    return [
        ("**accepted** (versions acknowledged)", str(certificate.accepted)),
        ("delivered", f"{certificate.delivered} ({certificate.effects} effects at the register)"),
        ("superseded by a newer version before", str(certificate.superseded)),
        ("needless (nothing to tell)", str(certificate.needless)),
        ("waiting", str(certificate.waiting)),
        ("held", str(certificate.held)),
        ("parked with cause", _with_contacts(certificate.parked, certificate.contacts_parked)),
        (
            "unknown, flagged",
            f"{certificate.unknown} (contacts with an outcome not known: {certificate.contacts_unknown})",
        ),
        ("**lost**", str(certificate.lost)),
        ("**reordered**", str(certificate.reordered)),
        ("**duplicated without a flag**", str(certificate.duplicated)),
        ("updates repeated (without harm)", str(certificate.repeated_updates)),
    ]


def _times(certificate: Certificate) -> list[Row]:
    return [
        ("until bundles are acknowledged again", _spread(certificate.until_acknowledged)),
        ("until contacts are delivered again", _spread(certificate.until_delivered)),
    ]


def _spread(spread: Spread) -> str:
    if spread.median is None or spread.longest is None:
        return "not measured"
    return f"median {spread.median:.2f} s, longest {spread.longest:.2f} s ({spread.count} times)"


def _with_contacts(versions: int, causes: dict[str, int]) -> str:
    return f"{versions} (contacts: {_counted(causes)})" if causes else str(versions)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """Write the page. Needs a checkout."""
    folder = data_folder("profiles").parent / "docs" / "reference"
    files = sorted((folder / "certificates").glob("*.json"))
    certificates = [msgspec.json.decode(file.read_bytes(), type=Certificate) for file in files]
    (folder / "verify-results.md").write_text(page(certificates), "utf-8")


if __name__ == "__main__":
    main()
