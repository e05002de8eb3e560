"""What the tests of the tools share."""

from tests.integration.databases import engine, where

__all__ = ["engine", "where"]
