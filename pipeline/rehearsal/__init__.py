"""The whole run against simulators: the stage on which it is played, what came of it, and the proof book."""
