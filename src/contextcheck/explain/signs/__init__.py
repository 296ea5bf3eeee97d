"""One sign test per file; `interface` has the promise and the table."""
