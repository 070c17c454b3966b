"""The version of this program, as the installation says it."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("vardbro")
except PackageNotFoundError:  # run from a checkout that nobody has installed
    VERSION = "0+checkout"
