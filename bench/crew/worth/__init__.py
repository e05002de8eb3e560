"""From played episodes to the numbers that are reported."""
