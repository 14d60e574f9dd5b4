"""Events of apps: read whatever protocol they came by, told apart, put into words."""
