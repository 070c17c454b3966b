"""Rules as data: packs in YAML, conditions in CEL, editions chosen by the date of care."""

from adapter.rules.edition import Edition, Judgement, Step
from adapter.rules.editions import Packs
from adapter.rules.facts import Facts, RegisterFacts
from adapter.rules.load import load_packs
from adapter.rules.panel import Verdict

__all__ = ["Edition", "Facts", "Judgement", "Packs", "RegisterFacts", "Step", "Verdict", "load_packs"]
