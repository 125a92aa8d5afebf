"""Finding where partners and the press took a message over, in the feeds and pages that are named for each of them."""
