"""Counts that teams hand in as tables: read strictly, with nothing in them that could be about somebody."""
