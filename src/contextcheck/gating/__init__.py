"""The gate as a command runs it: orders, a panel or a findings file in, a verdict out."""
