"""Entries tried before they are relied on: their own examples, and what a change would have changed."""
