"""Step 1: files or a warehouse table become orders under the contract."""
