"""The command line, ``vardbro`` (docs/reference/command-line)."""

from adapter.cli.root import main

__all__ = ["main"]
