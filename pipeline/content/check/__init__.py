"""The checks of ``outreach check``: everything that is wrong with what people wrote, all at once."""

from pipeline.content.check.links import Fetch
from pipeline.content.check.rules import RULES, Rule
from pipeline.content.check.run import check
from pipeline.content.check.translations import withheld

__all__ = ["RULES", "Fetch", "Rule", "check", "withheld"]
