"""The lines that CPython prints above a traceback and between the parts of a chain."""

START = b"Traceback (most recent call last):"
CAUSE = b"\nThe above exception was the direct cause of the following exception:\n\n"
DURING = b"\nDuring handling of the above exception, another exception occurred:\n\n"
