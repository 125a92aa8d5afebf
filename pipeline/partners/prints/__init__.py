"""Cards for screens and prints for paper: one message in one language, drawn by Typst from ``site/prints``."""

from pipeline.partners.prints.kinds import BLEED, FORMS, Brand, Form, Print, PrintKind
from pipeline.partners.prints.printer import Printer

__all__ = ["BLEED", "FORMS", "Brand", "Form", "Print", "PrintKind", "Printer"]
