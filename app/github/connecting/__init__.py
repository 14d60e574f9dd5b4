"""A project and its repository: connected, tried, changed, taken away."""
