"""Facts as the JSON objects that scripts read. The keys are a promise: README lists them."""
