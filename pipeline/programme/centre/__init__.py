"""The assistance centre: when it is open, for whom, and how many contacts it had. Never a case."""
