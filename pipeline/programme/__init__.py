"""The programme around the campaigns: what was promised to be done, by whom in which role, until when, for how much."""
