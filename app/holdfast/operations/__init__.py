"""One verb per file, each a function that returns an operation which has not started yet."""
