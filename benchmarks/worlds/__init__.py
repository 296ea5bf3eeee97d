"""Worlds with known causes and paired outcomes: what they are made of, what is true of them, how answers are judged."""
