"""What this installation publishes: its conformance resources, found by search, and its maps, asked."""

from adapter.published.library import SERVED, Library, Shelf

__all__ = ["SERVED", "Library", "Shelf"]
