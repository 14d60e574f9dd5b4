"""Asking for writes on GitHub, as rows: what follows changes, and what people ask for."""
