"""Digests: mails that say what is new and what came back, to all members, as often as a project wants."""
