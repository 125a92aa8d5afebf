"""The steps from a folder of messages to posts, site, kits and report."""
