"""Registers that get files: batches with a manifest, written so that a crash leaves a whole batch or none."""

from adapter.registers.files.transport import FileTransport

__all__ = ["FileTransport"]
