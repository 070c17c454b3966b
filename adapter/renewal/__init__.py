"""Rules, maps and tables of a service: loaded anew, tried on what was recorded, turned into corrections."""

from adapter.renewal.corrections import Corrections
from adapter.renewal.rules import Rules
from adapter.renewal.trials import Trials

__all__ = ["Corrections", "Rules", "Trials"]
