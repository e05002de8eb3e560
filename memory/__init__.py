"""What is remembered: incidents and lessons in SQL, the truth; Chroma is an index that can be rebuilt."""
