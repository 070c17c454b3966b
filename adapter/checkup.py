"""`vardbro check`: tries what the configuration names, and says what is wrong and how to mend it."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from adapter.access.checking import examine
from adapter.access.roster import Roster
from adapter.config import Config, require_safe_door
from adapter.config.keys import key_file, ledger_keys
from adapter.config.model import Hooked
from adapter.config.pseudonym import PSEUDONYMISED, may_be_made, pseudonym_key_file
from adapter.domain.testpersons import PUBLISHED
from adapter.errors import ConfigurationError, VardbroError
from adapter.ledger.postgres import condition
from adapter.ledger.sqlite.file import NETWORK_FILE_SYSTEMS, file_system, free_bytes, holder
from adapter.ledger.sqlite.moved import refuse_moved
from adapter.mapping.aliases import load_aliases
from adapter.mapping.concept_maps import load_concept_maps
from adapter.mapping.terminology import load_kombika, load_terminology
from adapter.offline import own_maps, test_persons
from adapter.overlay import mapping_folders
from adapter.registers.files import checking
from adapter.registers.protocol import RegisterSettings
from adapter.registers.tls import ssl_context
from adapter.registers.transports import layout_for
from adapter.resources import below
from adapter.rules import load_packs

REACH_SECONDS = 3.0
ENOUGH_BYTES = 500 * 1024 * 1024
"""Free space below which the operator is warned; a full disk means 503 to every sender."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried. `mend` is empty when it is well."""

    name: str
    ok: bool
    says: str
    mend: str = ""


def checkup(config: Config) -> Iterator[Check]:
    """Try everything, one after the other; nothing is written and nothing is sent to a register."""
    yield _tried("door", lambda: _door(config), "")
    yield from _proofs(config)
    yield _tried("ledger keys", lambda: _keys(config), "")
    yield _tried("rule packs", lambda: _packs(config), "Run `vardbro rules check`.")
    yield _tried("maps and tables", lambda: _tables(config), "Mend the file, or install the program again.")
    yield from _file(config.ledger.path) if config.ledger.is_embedded else _database(config.ledger.url)
    yield _tried("test persons", lambda: _test_persons(config), "Mend the list, or leave it out of [guard].")
    for name, settings in config.register_settings().items():
        yield from _register(name, settings)
    yield from (_remarked("", remark) for remark in checking.shared(config.register_settings()))
    yield from _pseudonyms(config)
    for table, section in config.hooked().items():
        yield from _hook(table, section)
    yield from _shared_secrets(config)


def _tried(name: str, attempt: Callable[[], str], mend: str) -> Check:
    try:
        return Check(name=name, ok=True, says=attempt())
    except VardbroError as error:
        return Check(name=name, ok=False, says=str(error), mend=error.hint or mend)
    except OSError as error:
        return Check(name=name, ok=False, says=str(error.strerror or error), mend=mend)


def _door(config: Config) -> str:
    require_safe_door(config)
    Roster(config)
    proven = [name for name, section in config.senders.items() if section.has_proof(name)]
    if proven:
        return f"{len(proven)} senders configured"
    return "open, on loopback only: no sender has a token"


def _proofs(config: Config) -> Iterator[Check]:
    with suppress(ConfigurationError):  # what cannot be read is told of the door
        for remark in examine(config):
            yield Check(name=remark.name, ok=remark.ok, says=remark.says, mend=remark.mend)


def _keys(config: Config) -> str:
    if config.ledger.key is None and not key_file(config).exists() and config.http.is_loopback:
        return f"none yet: {key_file(config)} will be made when the service starts"
    count = len(ledger_keys(config, make=False).keys)
    where = "the environment" if config.ledger.key is not None else str(key_file(config))
    return f"payloads are encrypted; {count} {'key' if count == 1 else 'keys'} in {where}"


def _packs(config: Config) -> str:
    packs = load_packs(below(mapping_folders(config), "rules"))
    return f"{len(packs.packs)} packs, {len(packs.catalogue)} rules"


def _tables(config: Config) -> str:
    folders = mapping_folders(config)
    aliases = load_aliases(below(folders, "naming-systems"))
    load_concept_maps(below(folders, "concept-maps"), aliases)
    own_maps(config, folders, aliases)
    load_terminology(below(folders, "tables"))
    load_kombika(below(folders, "tables"))
    own = "" if config.mappings.overlay is None else f", with those in {config.mappings.overlay}"
    return f"naming systems, concept maps and code tables load{own}"


def _database(url: str) -> Iterator[Check]:
    try:
        for remark in condition.examine(url):
            yield Check(name=f"ledger: {remark.name}", ok=remark.ok, says=remark.says, mend=remark.mend)
    except VardbroError as error:
        yield Check(name="ledger: reachable", ok=False, says=str(error), mend=error.hint)


def _file(path: Path) -> Iterator[Check]:
    moved = _tried("ledger", lambda: _not_moved(path), "")
    if not moved.ok:
        yield moved
        return
    held = holder(path)
    if held is not None:
        yield Check(
            name="ledger",
            ok=True,
            says=f"in use by the service at {held.get('url') or 'an address not yet said'}",
        )
        return
    folder = path.parent
    kind = file_system(folder) if folder.is_dir() else None
    if not folder.is_dir():
        yield Check(
            name="ledger",
            ok=False,
            says=f"there is no folder {folder}",
            mend="Make it, or change [ledger] url.",
        )
    elif kind in NETWORK_FILE_SYSTEMS:
        yield Check(
            name="ledger", ok=False, says=f"{folder} is on {kind}", mend="Use a local disk for [ledger] url."
        )
    elif not os.access(path if path.exists() else folder, os.W_OK):
        yield Check(
            name="ledger",
            ok=False,
            says=f"{path} cannot be written",
            mend="Give the service's user the right.",
        )
    elif free_bytes(path) < ENOUGH_BYTES:
        yield Check(
            name="ledger", ok=False, says=f"little space is left in {folder}", mend="Free at least 500 MB."
        )
    else:
        yield Check(name="ledger", ok=True, says=f"{path} {'is there' if path.exists() else 'will be made'}")


def _test_persons(config: Config) -> str:
    known = test_persons(config)
    series = "the series of Skatteverket" if known.series else "no series"
    return f"{series}, {len(PUBLISHED) + len(known.numbers)} numbers, {len(known.real)} exceptions"


def _guard(settings: RegisterSettings) -> str:
    if settings.production:
        return "in production, guarded: contacts of test persons are held"
    return "not in production, not guarded: contacts of test persons are sent"


def _not_moved(path: Path) -> str:
    refuse_moved(path.resolve())
    return f"{path} is the ledger's place"


def _register(name: str, settings: RegisterSettings) -> Iterator[Check]:
    yield Check(name=f"{name}: test persons", ok=True, says=_guard(settings))
    if settings.transport == "file":
        yield _tried(f"{name}: files", lambda: f"written as {layout_for(name, settings).name}", "")
        yield from (_remarked(f"{name}: ", remark) for remark in checking.examine(name, settings))
        return
    context: list[ssl.SSLContext | None] = [None]

    def certificates() -> str:
        context[0] = ssl_context(settings)
        return "client certificate and key fit" if settings.client_cert else "no client certificate is set"

    secure = urlsplit(settings.url).scheme == "https"
    if secure:
        check = _tried(
            f"{name}: certificates",
            certificates,
            f"Set client_cert, client_key, ca under [registers.{name}].",
        )
        yield check
        if not check.ok:
            return
    mend = f"Start the register (for a trial: `vardbro simulate`), or change url under [registers.{name}]."
    yield _tried(f"{name}: reachable", lambda: _reach(settings.url, context[0]), mend)


def _remarked(prefix: str, remark: checking.Remark) -> Check:
    return Check(name=prefix + remark.name, ok=remark.ok, says=remark.says, mend=remark.mend)


def _pseudonyms(config: Config) -> Iterator[Check]:
    """The key of each register that gets pseudonyms; one that may be made is made when the service starts."""
    for name, settings in config.register_settings().items():
        if name not in PSEUDONYMISED:
            continue
        made = pseudonym_key_file(config, name)
        if settings.pseudonym_key is not None:
            yield Check(name=f"{name}: pseudonym key", ok=True, says="the region's key is set")
        elif may_be_made(config):
            says = f"{made} is used" if made.exists() else f"none is set: one is made in {made}"
            yield Check(name=f"{name}: pseudonym key", ok=True, says=says)
        else:
            mend = f"Set pseudonym_key_file under [registers.{name}]."
            yield Check(name=f"{name}: pseudonym key", ok=False, says="none is set", mend=mend)


def _hook(table: str, section: Hooked) -> Iterator[Check]:
    """A webhook that is configured: its secret, and whether somebody listens. Nothing is sent to it."""
    if section.webhook is None:
        if section.webhook_secret is not None or section.webhook_secret_file is not None:
            says = "a secret is set, but no webhook"
            yield Check(name=f"{table}: webhook", ok=False, says=says, mend=f"Set webhook under [{table}].")
        return
    url = section.webhook

    def reach() -> str:
        secure = urlsplit(url).scheme == "https"
        return _reach(url, ssl.create_default_context() if secure else None)

    check = _tried(f"{table}: webhook", lambda: _signed(table, section), "")
    yield check
    if check.ok:
        mend = f"Start the receiver, or change webhook under [{table}]; what it must hear waits for it."
        yield _tried(f"{table}: webhook reachable", reach, mend)


def _signed(table: str, section: Hooked) -> str:
    target = section.hook(table)
    return f"signed, to {target.shown}" if target is not None else ""


def _shared_secrets(config: Config) -> Iterator[Check]:
    """Whoever has one hook's secret could speak in the name of another."""
    tables: dict[bytes, list[str]] = {}
    for table, section in config.hooked().items():
        with suppress(ConfigurationError):
            target = section.hook(table)
            if target is not None:
                tables.setdefault(target.key, []).append(table)
    for same in tables.values():
        if len(same) > 1:
            says = f"{', '.join(same)} have the same secret"
            yield Check(
                name="webhooks: secrets", ok=False, says=says, mend="Give each webhook a secret of its own."
            )


def _reach(url: str, context: ssl.SSLContext | None) -> str:
    """Connect, and shake hands where it is TLS; no request is sent."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if context else 80)
    with socket.create_connection((host, port), timeout=REACH_SECONDS) as plain:
        if context is None:
            return f"{host}:{port} answers"
        with context.wrap_socket(plain, server_hostname=host) as secure:
            return f"{host}:{port} answers with {secure.version()}"
