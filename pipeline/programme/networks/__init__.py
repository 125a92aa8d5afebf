"""Local networks: who is in them, what they agreed, who contacts whom, and until when."""
