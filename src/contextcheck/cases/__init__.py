"""What analysts made of the flags, over time."""
