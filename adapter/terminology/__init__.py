"""Code tables as authorities deliver them, read and kept as dated editions in a user's overlay."""

from adapter.terminology.loading import Loaded, Order, load_edition
from adapter.terminology.rows import SYSTEMS

__all__ = ["SYSTEMS", "Loaded", "Order", "load_edition"]
