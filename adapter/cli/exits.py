"""Exit codes, and how a failure is told."""

import sys

FINE = 0
FINDINGS = 1
USAGE = 2


def fail(message: str, hint: str = "", code: int = FINDINGS) -> int:
    """Tell a failure on standard error in one line, with what to do about it; gives the exit code back."""
    line = f"vardbro: {' '.join(message.split())}"
    sys.stderr.write(f"{line} {hint}\n" if hint else f"{line}\n")
    return code
