"""What is normal where, and what abuse or a fault looks like."""
