"""Turning what was heard of into history: groups, occurrences, counts, changes."""
