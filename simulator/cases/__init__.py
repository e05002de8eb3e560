"""The case environment: one risky transaction at a time, with an exact optimum. See docs/cases.md."""
