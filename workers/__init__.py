"""Background jobs: each a shallow call of one function of `app`."""
