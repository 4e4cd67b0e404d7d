"""State to rows and pages: every word that a user reads, and no Qt."""
