"""What happens now: figures, charts, heat map, and the stream that keeps every page up to date."""
