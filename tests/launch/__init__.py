"""Snaglist as a whole: `snaglist run` with real processes on a port of its own."""
