"""One screen a file; none knows another."""
