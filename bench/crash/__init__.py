"""Real workers over a real store, killed while they publish to networks that lose answers: is all of it there, once?

``scene`` writes a project and plans it, ``network`` is the process of the simulators and causes the accidents,
``workers`` starts and kills the processes that deliver, ``verdict`` compares what the store says with what the
networks hold, and ``play`` does one run of all this.
"""
