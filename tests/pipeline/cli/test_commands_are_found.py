"""Every command of every module is found by its name, and none is promised that is not there."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pipeline.cli


def test_the_places_are_those_of_the_modules():
    found = {}
    for module in pkgutil.iter_modules(pipeline.cli.__path__):
        commands = getattr(import_module(f"pipeline.cli.{module.name}"), "COMMANDS", ())
        if commands:
            found[module.name] = sorted(command.name for command in commands)
    assert {module: sorted(names.split()) for module, names in pipeline.cli.PLACES.items()} == found


def test_building_the_site_opens_no_store():
    heavy = "print(sorted({'sqlalchemy', 'alembic', 'typst', 'icalendar', 'mkdocs'} & set(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, pipeline.cli.site; {heavy}"], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_looking_for_kits_imports_nothing_that_makes_them():
    heavy = "print(sorted({'typst', 'docx', 'odfdo', 'pypdf', 'segno', 'fontTools'} & set(sys.modules)))"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, pipeline.app.site_kits; {heavy}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
