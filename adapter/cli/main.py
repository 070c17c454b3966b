"""The root of the command line: finds the command, and turns every failure into one clear line.

Commands are imported when they are asked for: `vardbro map` must not wait for a web framework.
"""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from adapter.cli.exits import FINE, USAGE, fail
from adapter.errors import ConfigurationError, PackError, VardbroError

COMMANDS = {
    "demo": "adapter.cli.demo",
    "serve": "adapter.cli.serve",
    "work": "adapter.cli.work",
    "simulate": "adapter.cli.simulate",
    "map": "adapter.cli.translate",
    "validate": "adapter.cli.validate",
    "submit": "adapter.cli.submit",
    "check": "adapter.cli.check",
    "messages": "adapter.cli.messages",
    "lanes": "adapter.cli.lanes",
    "rules": "adapter.cli.rules",
    "audit": "adapter.cli.audit",
}


class Commands(TyperGroup):
    """A group whose commands are modules with an ``app``, imported on demand."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The commands in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
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
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@root.callback()
def _root() -> None:
    """FHIR bundle in, register message accepted, nothing lost."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 fine, 1 findings or failures, 2 wrong usage or configuration."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; failures are told on standard error, without a traceback."""
    try:
        outcome = get_command(root).main(arguments, prog_name="vardbro", standalone_mode=False)
    except typer.exceptions.UsageError as error:  # type: ignore[attr-defined]
        return fail(error.format_message(), "See `vardbro COMMAND --help`.", USAGE)
    except (ConfigurationError, PackError) as error:
        return fail(str(error), error.hint, USAGE)
    except VardbroError as error:
        return fail(str(error), error.hint)
    except KeyboardInterrupt:
        return fail("interrupted")
    except BrokenPipeError:
        return FINE
    except OSError as error:
        return fail(f"{error.filename or 'system'}: {error.strerror or type(error).__name__}")
    return int(outcome or FINE)
