"""A project whose logs keep growing, for a first look."""
