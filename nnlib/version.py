"""The version of the library, for what must not import the rest of it."""

__all__ = ["__version__"]

__version__ = "0.2.0"
