"""``vardbro profiles package|list|check``: our conformance resources, and resources against them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from adapter.cli.exits import FINDINGS, FINE
from adapter.cli.files import contents
from adapter.cli.options import ConfigOption, JsonOption, LangOption
from adapter.config import load_config
from adapter.domain.canonical import base, extension, rebased
from adapter.domain.finding import Findings, has_error
from adapter.errors import ConfigurationError
from adapter.fhir.outcome import operation_outcome
from adapter.fhir.parse import Limits, parse_object
from adapter.fhir.profile import Profiles, load_profiles
from adapter.fhir.profile.package import NAME, write_package
from adapter.fhir.read import validate
from adapter.output import console, json_line, table
from adapter.resources import data_folder, layered
from adapter.rules import load_packs
from adapter.version import VERSION

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="Our profiles, extensions, code systems and maps."
)

PROFILE_FOLDERS = (
    "structure-definitions",
    "extensions",
    "code-systems",
    "value-sets",
    "operations",
    "messages",
)
MAPPING_FOLDERS = ("concept-maps", "naming-systems")


@app.command()
def package(
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file (else vardbro.fhir-VERSION.tgz).")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--base", metavar="URL", help="Canonical base (else [fhir] canonical).")
    ] = None,
    config: ConfigOption = None,
) -> int:
    """Write everything as an npm-style package that FHIR tools load."""
    _use(config, url)
    file = out or Path(f"{NAME}-{VERSION}.tgz")
    resources = list(_resources())
    examples = list(_examples())
    file.write_bytes(write_package(resources, examples, VERSION, base()))
    console().print(
        f"{file}: {len(resources)} resources, {len(examples)} examples, {base()}",
        markup=False,
        highlight=False,
    )
    return FINE


@app.command("list")
def list_all(as_json: JsonOption = False, config: ConfigOption = None) -> int:
    """List our conformance resources."""
    _use(config, None)
    rows = sorted(_row(one) for one in _resources())
    if as_json:
        json_line([dict(zip(("type", "id", "title", "url"), row, strict=True)) for row in rows])
    else:
        console().print(table("Conformance resources", ("type", "id", "title", "url"), rows))
    return FINE


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Resources; - is standard input.")],
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="A profile's name or url (else meta.profile)."),
    ] = None,
    config: ConfigOption = None,
    lang: LangOption = "sv",
) -> int:
    """Check resources against our profiles, one OperationOutcome a line; exit 1 when any has an error."""
    _use(config, None)
    profiles = load_profiles(data_folder("profiles"))
    url = None if profile is None else _known(profile, profiles)
    catalogue = load_packs(data_folder("mappings") / "rules").catalogue
    failed = False
    for _, raw in contents(files):
        findings = Findings(catalogue)
        findings.extend(validate(raw, catalogue, profiles=profiles if url is None else None))
        resource, _ = parse_object(raw, Limits(), Findings(catalogue))
        if resource is not None and url is not None and not has_error(findings):
            profiles.check(resource, url, str(resource["resourceType"]), findings)
        failed = failed or has_error(findings)
        json_line(operation_outcome(findings, catalogue, lang))
    return FINDINGS if failed else FINE


def _use(config: Path | None, url: str | None) -> None:
    load_config(config, **({} if url is None else {"fhir": {"canonical": url}}))


def _known(name: str, profiles: Profiles) -> str:
    url = name if ":" in name else extension(name)
    if url.partition("|")[0] not in profiles.urls:
        known = ", ".join(one.rpartition("/")[2] for one in profiles.urls)
        raise ConfigurationError(f"there is no profile {name}", f"Known are: {known}.")
    return url


def _resources() -> Iterator[dict[str, Any]]:
    """Our conformance resources, with the base in use."""
    for folder, kinds in (
        (data_folder("profiles"), PROFILE_FOLDERS),
        (data_folder("mappings"), MAPPING_FOLDERS),
    ):
        for kind in kinds:
            for _, file in layered(folder / kind, "*.json"):
                yield orjson.loads(rebased(file.read_bytes()))


def _examples() -> Iterator[dict[str, Any]]:
    for _, file in layered(data_folder("profiles") / "examples", "*.json"):
        yield orjson.loads(rebased(file.read_bytes()))


def _row(resource: dict[str, Any]) -> tuple[str, str, str, str]:
    title = str(resource.get("title", resource.get("name", "")))
    return (resource["resourceType"], resource["id"], title, str(resource.get("url", "")))
