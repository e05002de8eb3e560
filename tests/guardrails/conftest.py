"""A database of each kind for the audit log that many share."""

from tests.integration.databases import engine, where

__all__ = ["engine", "where"]
