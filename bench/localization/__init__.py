"""Localization: culprits on published root-cause sets, with peers."""

from bench.localization.measure import MEASUREMENT

__all__ = ["MEASUREMENT"]
