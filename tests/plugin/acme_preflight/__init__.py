"""Rules of one house for the names of its hosts."""
