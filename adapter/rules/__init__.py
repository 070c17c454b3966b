"""Rules as data: packs in YAML, conditions in CEL, editions chosen by the date of care."""

from adapter.rules.edition import Edition
from adapter.rules.editions import Packs
from adapter.rules.load import load_packs

__all__ = ["Edition", "Packs", "load_packs"]
