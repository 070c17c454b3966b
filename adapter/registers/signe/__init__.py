"""SKR's follow-up of access in primary care (SIGN-e): visits under pseudonyms, in files."""

from adapter.registers.signe.receiver import SigneReceiver

__all__ = ["SigneReceiver"]
