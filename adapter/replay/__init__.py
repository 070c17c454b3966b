"""Replay: dead letters are retried, or remapped with today's rules and tables, one by one or by a plan."""

from adapter.replay.desk import ReplayDesk
from adapter.replay.planning import STATES
from adapter.replay.remaking import Remaker

__all__ = ["STATES", "Remaker", "ReplayDesk"]
