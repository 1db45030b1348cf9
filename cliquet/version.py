"""The version of the package."""

__all__ = ["__version__"]

__version__ = "4.0.0.dev0"
