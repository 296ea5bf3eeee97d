"""YAML read as text with places, never through its own typing."""
