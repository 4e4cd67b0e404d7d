"""Facts as a person reads them on a terminal: one file a noun."""
