"""Step 5: what a flag or a feature is worth."""
