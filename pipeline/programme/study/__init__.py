"""Studies: what people are asked, what they answered, and what may be concluded from it."""
