"""Carrying out what was asked for: one write after the other, each once."""
