"""What a language model may see and say, and how its answer is checked; nothing here opens a socket."""
