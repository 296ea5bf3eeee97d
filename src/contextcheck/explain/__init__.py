"""Step 4: candidates for a flag are tested against the data."""
