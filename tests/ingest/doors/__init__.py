"""The doors for events, over HTTP."""
