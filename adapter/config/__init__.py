"""The configuration: one TOML file and ``VARDBRO_...`` variables (docs/reference/configuration)."""

from adapter.config.load import load_config
from adapter.config.model import Config, require_safe_door

__all__ = ["Config", "load_config", "require_safe_door"]
