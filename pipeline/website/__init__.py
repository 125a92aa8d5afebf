"""The public site: a core that turns content into pages and knows nothing of MkDocs, and a plugin that hands them over.

The core begins at :func:`pipeline.website.pages.build`.
"""
