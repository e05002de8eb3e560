"""Counters in Prometheus as a source."""
