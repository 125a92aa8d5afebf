"""What the ledger says, made readable, with the origin of every number."""
