"""Step 3: the panel is searched for departures from expectation."""
