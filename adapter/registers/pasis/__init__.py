"""Region Skåne's PASiS: render and the reading of answers. Its interface is not public, all names assumed."""

from adapter.registers.pasis.receiver import PasisReceiver

__all__ = ["PasisReceiver"]
