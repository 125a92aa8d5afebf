"""The outbox: what follows from what is known, who is alive, and the worker that sends."""
