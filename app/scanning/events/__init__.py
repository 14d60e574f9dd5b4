"""Events of apps, taken out of the inbox and recorded."""
