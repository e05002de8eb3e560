"""Payments that others send over HTTP, kept in a small file until they are counted."""
