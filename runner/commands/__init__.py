"""One module a command: what it does with the files and options it is given, and the exit code it returns."""
