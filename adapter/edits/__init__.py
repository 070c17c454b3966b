"""Edit and resubmit: an operator corrects an event's bundle, which becomes the event's newest version."""

from adapter.edits.drafting import EditRefused
from adapter.edits.edits import Edits

__all__ = ["EditRefused", "Edits"]
