"""Signing in with an OIDC provider, against a real one on this machine."""
