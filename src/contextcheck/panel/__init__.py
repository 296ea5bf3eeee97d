"""Step 2: orders become region, local day and metric."""
