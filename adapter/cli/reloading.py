"""``vardbro rules reload|version``: which rules, maps and tables a service has in use, and taking others."""

from contextlib import suppress
from typing import Any

from adapter.cli.desk import desk, is_shared, neighbour, service_address
from adapter.cli.exits import FINE
from adapter.cli.options import ActorOption, ConfigOption, JsonOption
from adapter.config import Config, load_config
from adapter.errors import LedgerUnavailable
from adapter.output import console, json_line
from adapter.overlay import mapping_folders, version_in

Json = dict[str, Any]


def reload_service(settings: Config, actor: str) -> Json:
    """Let the running service load rules, maps and tables anew; `says` tells in words what came of it."""
    if not is_shared(settings) and service_address(settings) is None:
        return {"says": "no service runs; the next one that starts uses them", "version": None}
    with desk(settings) as through:
        done: Json = through.post("/api/rules/reload", {"actor": actor})
    words = [f"version {done['version']}, {done['packs']} packs"]
    if done["before"] == done["version"]:
        words.append("which was in use already")
    if is_shared(settings):
        words.append("every service on the ledger has been told to load its own files")
    if done["replays"]:
        numbers = ", ".join(map(str, done["replays"]))
        words.append(f"what is held is tried again (vardbro replay show {numbers})")
    return {**done, "says": "; ".join(words)}


def reload(actor: ActorOption, config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """Let the running service take rules, maps and tables into use as they lie there now, all or nothing."""
    done = reload_service(load_config(config), actor)
    if as_json:
        json_line(done)
    else:
        console().print(done["says"], markup=False, highlight=False, soft_wrap=True)
    return FINE


def version(config: ConfigOption = None, as_json: JsonOption = False) -> int:
    """Show the version of rules, maps and tables that lies there, and the one that a service has in use."""
    settings = load_config(config)
    folders = mapping_folders(settings)
    lies = version_in(settings, folders)
    in_use = None
    with suppress(LedgerUnavailable), neighbour(settings) as through:
        in_use = None if through is None else through.get("/api/rules")["version"]
    if as_json:
        json_line({"installed": lies, "in_use": in_use, "folders": [str(folder) for folder in folders]})
        return FINE
    out = console()
    out.print(f"installed: {lies}, in {' and '.join(map(str, folders))}", markup=False, highlight=False)
    if in_use is not None:
        same = "the same" if in_use == lies else f"{in_use} (vardbro rules reload takes the other into use)"
        out.print(f"in use: {same}", markup=False, highlight=False)
    return FINE
