"""What we know about errors: pure functions on frozen values; no files, no clock, no chance."""
