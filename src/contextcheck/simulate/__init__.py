"""Worlds with known truth, for the demo, the examples and the tests; shares no statistics with the steps."""
