"""The result as one page that stands alone, for people who run payments."""
