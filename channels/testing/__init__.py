"""For testing channels: the conformance suite and the simulators. Third parties import it too.

:mod:`~channels.testing.simulator` and :mod:`~channels.testing.simulators` also serve rehearsals and need no test tools;
:mod:`~channels.testing.conformance` needs pytest, and jsonschema where a suite names an OpenAPI document.
"""
