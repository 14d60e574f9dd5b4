"""Telling what happened: to subscribers, and to the workers that carry out what must follow."""
