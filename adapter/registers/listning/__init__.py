"""Region listing service: who is whose fast läkarkontakt, in files. Their layout is assumed."""

from adapter.registers.listning.receiver import ListningReceiver

__all__ = ["ListningReceiver"]
