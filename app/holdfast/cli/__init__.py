"""The command line: the same operations, on a terminal and for scripts."""
