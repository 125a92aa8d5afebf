"""Counting from the site's own web server log: nothing is asked of readers, and nothing about them is kept."""
