"""FHIR to care events: one module for each concern, put together by `map_bundle`."""

from adapter.mapping.context import MappingContext, Sender
from adapter.mapping.mapped import Mapped
from adapter.mapping.mapper import map_bundle

__all__ = ["Mapped", "MappingContext", "Sender", "map_bundle"]
