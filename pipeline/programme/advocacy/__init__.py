"""Advocacy: what is asked of whom, what they said in public, and the letters that go to institutions."""
