"""The project on which trainings are tried out."""

from training_project import project, run, table

__all__ = ["project", "run", "table"]
