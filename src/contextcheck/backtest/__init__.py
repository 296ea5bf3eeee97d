"""A team's own history replayed: alerts per month, and the smallest change that would have been caught."""
