"""The roof: one verb a file, thin."""
