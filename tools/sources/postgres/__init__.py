"""Payments in PostgreSQL as a source, read only."""
