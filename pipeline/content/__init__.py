"""Content: folders become messages, or problems with file and line; and the checks of what people wrote."""

from pipeline.content.cache import Cache
from pipeline.content.project import Lines, Project
from pipeline.content.read import read_message, read_project

__all__ = ["Cache", "Lines", "Project", "read_message", "read_project"]
