"""Benchmarks, each beside a peer or a limit: ``python -m bench NAME [--quick] [--json]``."""
