"""Code tables as authorities deliver them, read and kept as dated editions in a user's overlay."""

from adapter.terminology.gathering import Order
from adapter.terminology.loading import Loaded, load_edition
from adapter.terminology.rows import SYSTEMS

__all__ = ["SYSTEMS", "Loaded", "Order", "load_edition"]
