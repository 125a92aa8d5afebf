"""Kits: what a partner downloads of a message or a campaign, in one language, for one ZIP file."""
