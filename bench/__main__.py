"""``python -m bench NAME [--quick] [--json]``: runs the benchmark in the module ``bench.NAME``.

A benchmark is a module with a function ``run(quick: bool) -> Iterable[Figure]``; adding one needs no change here.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys

import bench


def names() -> list[str]:
    """Return the benchmarks by name: the modules of this folder that have a function ``run``."""
    found = []
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name != "__main__" and hasattr(importlib.import_module(f"bench.{module.name}"), "run"):
            found.append(module.name.replace("_", "-"))
    return found


def main(arguments: list[str]) -> int:
    """Run one benchmark; return 0 when every target holds, else 1."""
    known = names()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures beside a peer, in the same run.")
    parser.add_argument("name", nargs="*", choices=[*known, []], help="which ones; all of them where none is named")
    parser.add_argument("--quick", action="store_true", help="the same thing smaller, within 50 seconds on two cores")
    parser.add_argument("--json", action="store_true", help="one JSON object for each figure")
    options = parser.parse_args(arguments)
    holds = True
    for name in options.name or known:
        module = importlib.import_module(f"bench.{name.replace('-', '_')}")
        for figure in module.run(quick=options.quick):
            print(json.dumps(figure.as_object(), ensure_ascii=False) if options.json else figure, flush=True)
            holds = holds and figure.holds
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
