"""The command line, ``vardbro`` (docs/reference/command-line)."""

from adapter.cli.main import main

__all__ = ["main"]
