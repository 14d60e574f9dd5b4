"""The doors for what apps send: our own API and that of Sentry's SDKs, and the inbox that keeps it."""
