"""Region Stockholm's Gemensamt Vårdregister: render, transport and the reading of answers."""

from adapter.registers.gvr.receiver import GvrReceiver

__all__ = ["GvrReceiver"]
