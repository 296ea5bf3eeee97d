"""The pages of docs/reference, one function each; nothing heavy is imported."""
