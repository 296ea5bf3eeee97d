"""Step 6: verdicts and money become a recommendation."""
