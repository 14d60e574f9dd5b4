"""Telling one member what concerns him: that he was given an error, or that a comment names him."""
