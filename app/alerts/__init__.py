"""Telling people: rules and what they match, digests, and messages that reach somebody, once."""
