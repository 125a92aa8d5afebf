"""Pictures that people hand in: what a drawing may hold, what a photograph may be, and how both become other pictures.

It knows neither content nor site nor networks: the check, the site, the prints and the posts all stand on it.
"""
