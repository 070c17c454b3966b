"""The root of the command line: finds the command, and turns every failure into one clear line.

Commands are imported when they are asked for: `vardbro map` must not wait for a web framework.
"""

import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

from adapter.cli.exits import FINE, USAGE, fail
from adapter.cli.options import ConfigOption
from adapter.errors import ConfigurationError, PackError, VardbroError

COMMANDS = {
    "demo": "adapter.cli.demo",
    "serve": "adapter.cli.serve",
    "work": "adapter.cli.work",
    "simulate": "adapter.cli.simulate",
    "map": "adapter.cli.translate",
    "validate": "adapter.cli.validate",
    "submit": "adapter.cli.submit",
    "conform": "adapter.cli.conform",
    "pull": "adapter.cli.pull",
    "check": "adapter.cli.check",
    "messages": "adapter.cli.messages",
    "lanes": "adapter.cli.lanes",
    "rules": "adapter.cli.rules",
    "terminology": "adapter.cli.terminology",
    "profiles": "adapter.cli.profiles",
    "verify": "adapter.cli.verify",
    "audit": "adapter.cli.audit",
    "ledger": "adapter.cli.ledger",
    "dead-letters": "adapter.cli.dead_letters",
    "lane": "adapter.cli.lane",
    "edit": "adapter.cli.edit",
    "register": "adapter.cli.register",
    "replay": "adapter.cli.replay",
    "shadow": "adapter.cli.shadow",
    "cutover": "adapter.cli.cutover",
    "referrals": "adapter.cli.referrals",
    "completeness": "adapter.cli.completeness",
    "senders": "adapter.cli.senders",
}


_INTERRUPTED = 130
"""Typer's exit code for Ctrl-C; ours are 0, 1 and 2 only."""


class Commands(TyperGroup):
    """A group whose commands are modules with an ``app``, imported on demand."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer's signature
        """The commands in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - Typer's signature
        """Import and give the command, None when there is no such command."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = get_command(import_module(module).app)
        command.name = cmd_name
        return command


root = typer.Typer(
    name="vardbro",
    cls=Commands,
    help="FHIR bundle in, register message accepted, nothing lost.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@root.callback()
def _root(ctx: typer.Context, config: ConfigOption = None) -> None:
    """FHIR bundle in, register message accepted, nothing lost."""
    if config is not None:
        name = ctx.invoked_subcommand or ""
        verbs = getattr(cast(Commands, ctx.command).get_command(ctx, name), "commands", ())
        defaults = {"config": config}
        ctx.default_map = {name: {**defaults, **dict.fromkeys(verbs, defaults)}}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 findings or failures, 2 wrong usage or configuration."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; failures are told on standard error, without a traceback."""
    if not arguments:
        get_command(root).main(["--help"], prog_name="vardbro", standalone_mode=False)
        return USAGE
    try:
        outcome = get_command(root).main(arguments, prog_name="vardbro", standalone_mode=False)
    except typer.TyperException as error:
        return fail(error.format_message(), "See `vardbro COMMAND --help`.", USAGE)
    except (ConfigurationError, PackError) as error:
        return fail(str(error), error.hint, USAGE)
    except VardbroError as error:
        return fail(str(error), error.hint)
    except BrokenPipeError:
        return FINE
    except OSError as error:
        return fail(f"{error.filename or 'system'}: {error.strerror or type(error).__name__}")
    except Exception as fault:  # noqa: BLE001 - no traceback reaches the user: it may quote the input
        return fail(*_unforeseen(fault))
    code = int(outcome or FINE)
    return fail("interrupted") if code == _INTERRUPTED else code


def _unforeseen(fault: Exception) -> tuple[str, str]:
    """What is said of a fault of our own: its kind and place, not its text."""
    last = traceback.extract_tb(fault.__traceback__)[-1]
    place = f"{Path(last.filename).stem}.{last.name}, line {last.lineno}"
    return f"internal fault: {type(fault).__name__} in {place}", "Please report it with the command."
