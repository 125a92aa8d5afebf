"""Whom a campaign reached, honestly counted: collecting figures, keeping them, and refusing sums that mean nothing."""
