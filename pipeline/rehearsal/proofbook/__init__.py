"""The proof book: what a rehearsal showed, as pages that a partner can read, print and sign off.

Pages of HTML and one style sheet, nothing else: no script, no request to anywhere, so that the book can be opened from
a folder, sent as an archive or put on any server.
"""

from pipeline.rehearsal.proofbook.book import NotABook, check_place, write_book

__all__ = ["NotABook", "check_place", "write_book"]
