"""The exceptions of vardbro.

    VardbroError
    ├── ConfigurationError        the program cannot run as it is configured (exit 2)
    ├── PackError                 a rule pack, map or table does not load; names file and line
    ├── SourceError               (adapter.pull) a server that is pulled from does not answer as asked
    └── LedgerError
        ├── LedgerBusy            cannot keep up: try again (429)
        ├── LedgerUnavailable     disk full, read-only, connection lost: try again later (503)
        ├── LedgerInUse           another service holds the file
        ├── StaleEvent            the event changed since it was read: translate again
        ├── LeaseLost             the lane's token is not ours any more: settle nothing
        ├── Unanswerable          a value that no store can hold: a number too large, a NUL in a text (422)
        ├── WriteConflict         two nodes wrote the same at once: the ledger tries again by itself
        ├── EditConflict          an edit is based on a version that is no longer the newest (409)
        └── NotPossible           the lane or message is in no state that allows what an operator asks

Each has a stable `code` for scripts and a `hint` for whoever reads the log. Messages hold no patient data.
"""


class VardbroError(Exception):
    """Base of all errors that vardbro raises on purpose."""

    code = "vardbro"
    hint = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class ConfigurationError(VardbroError):
    """The configuration is missing something or contradicts itself."""

    code = "configuration"
    hint = "Run `vardbro check`: it names the setting and how to mend it."


class PackError(VardbroError):
    """A rule pack, concept map, naming system or table is wrong."""

    code = "pack"
    hint = "Run `vardbro rules check FOLDER`: it names file and line."


class LedgerError(VardbroError):
    """Base of what the ledger raises."""

    code = "ledger"


class LedgerBusy(LedgerError):
    """The queue before the ledger is full."""

    code = "ledger-busy"
    hint = "Send again after the time in Retry-After."


class LedgerUnavailable(LedgerError):
    """The ledger cannot write: nothing was stored and nothing was acknowledged."""

    code = "ledger-unavailable"
    hint = "Free disk space or mend the file's permissions; senders get 503 until then and may send again."


class LedgerInUse(LedgerError):
    """Another service has the ledger's file open."""

    code = "ledger-in-use"
    hint = "One service per SQLite ledger; stop the other one, or use PostgreSQL for several nodes."


class StaleEvent(LedgerError):
    """The event's row changed between reading and committing."""

    code = "stale-event"


class LeaseLost(LedgerError):
    """The lane is held by somebody else; the late answer may only be appended as evidence."""

    code = "lease-lost"


class Unanswerable(LedgerError):
    """What is asked for has a value that no store can hold: a number out of range, a NUL in a text."""

    code = "unanswerable"
    hint = "Numbers are below 2^63, and texts hold no NUL."


class WriteConflict(LedgerError):
    """Another node wrote the same rows at the same time. Nothing was done; the ledger does it again."""

    code = "write-conflict"


class EditConflict(LedgerError):
    """A newer version of the event exists than the one that the edit was based on."""

    code = "edit-conflict"
    hint = "Read the newest version and edit that one."


class ProtectedIdentity(LedgerError):
    """The patient's identity is protected, and whoever asks has not shown the right to see it."""

    code = "protected-identity"
    hint = "Use the token of [operations] protected_token_file (`--protected`); each look is recorded."


class NotPossible(LedgerError):
    """What an operator asks does not fit the state of the lane or message."""

    code = "not-possible"
    hint = "Look at the lane again: its state may have changed."
