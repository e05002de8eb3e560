"""The operations console in a browser: see, understand, decide."""
