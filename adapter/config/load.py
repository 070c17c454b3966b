"""Reading the configuration, and saying in one line what is wrong with it.

Variables win over the file: ``VARDBRO_REGISTERS__GVR__URL`` is ``url`` under ``[registers.gvr]``. A key that
nobody knows is refused, with the nearest name as a hint: a mistyped setting must not be silently ignored.
"""

import os
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from adapter.config.model import Config
from adapter.domain.canonical import use_base
from adapter.errors import ConfigurationError

DEFAULT_FILE = Path("vardbro.toml")
PREFIX = "VARDBRO_"


def load_config(file: Path | None = None, **overrides: dict[str, Any]) -> Config:
    """The configuration from `file` (else vardbro.toml in the working folder, if there) and the environment.

    `overrides` (sections by name, from command line options) win over the environment, and that over the
    file. Raises ConfigurationError, which names the file, the key and what is wrong with it, but no value.
    """
    if file is None and DEFAULT_FILE.is_file():
        file = DEFAULT_FILE
    tables = _tables(file) if file is not None else {}
    for later in (_environment(), overrides):
        tables = _merged(tables, later)
    try:
        config = Config(**tables)
    except ValidationError as error:
        raise _explained(error, file) from None
    use_base(config.fhir.canonical)
    return config


def _environment() -> dict[str, Any]:
    _refuse_unknown_variables()
    try:
        return EnvSettingsSource(Config)()
    except SettingsError as error:
        raise ConfigurationError(f"environment: {error}", "Lists and tables in variables are JSON.") from None


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _tables(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}", "Name a readable file with --config.") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: not UTF-8", "Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"{file}: {error}", "The file is TOML: text in quotes, [section] lines."
        ) from None


def _refuse_unknown_variables() -> None:
    """pydantic-settings passes over variables of sections that do not exist; a mistyped one would be lost."""
    sections = [name.upper() for name in Config.model_fields]
    for variable in os.environ:
        name = variable.upper()
        if not name.startswith(PREFIX) or "__" not in name:
            continue
        section = name.removeprefix(PREFIX).partition("__")[0]
        if section not in sections:
            raise ConfigurationError(f"environment: {variable} names no section", _nearest(section, sections))


def _explained(error: ValidationError, file: Path | None) -> ConfigurationError:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    source = f"{file}: " if file is not None else ""
    if first["type"] == "extra_forbidden":
        *parents, key = (str(part) for part in first["loc"])
        return ConfigurationError(f"{source}unknown key {where}", _nearest(key, _keys(parents)))
    reason = first["msg"].removeprefix("Value error, ")
    return ConfigurationError(f"{source}{where}: {reason}")


def _keys(parents: list[str]) -> list[str]:
    """The keys that stand under `parents`; tables whose names are free (senders) are passed through."""
    model: type[BaseModel] = Config
    for name in parents:
        field = model.model_fields.get(name)
        if field is None:
            continue
        candidates = (field.annotation, *getattr(field.annotation, "__args__", ()))
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return list(model.model_fields)


def _nearest(key: str, known: Iterable[str]) -> str:
    names = list(known)
    near = get_close_matches(key, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(names)}."
