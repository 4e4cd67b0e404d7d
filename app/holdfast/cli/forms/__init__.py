"""Facts as the JSON objects that scripts read. The keys are a promise, which docs/command-line.md
lists."""
