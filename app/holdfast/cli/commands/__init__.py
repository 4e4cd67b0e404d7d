"""One file per noun: what a command asks of the world, and what it shows."""
