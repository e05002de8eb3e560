"""A language model of any OpenAI-compatible server, and the record of what it was asked."""
