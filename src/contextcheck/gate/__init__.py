"""Step 7: a launch and a policy become pass, hold or roll back."""
