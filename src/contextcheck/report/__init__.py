"""Step 9: an investigation becomes text, pictures and files."""
