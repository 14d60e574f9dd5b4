"""Hearing what people do on GitHub: webhooks, checked, stored, followed."""
