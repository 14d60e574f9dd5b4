"""The embedded servers, with real servers and real processes."""
