"""Known errors of one house."""
