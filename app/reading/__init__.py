"""What is asked of what we remember: the organization in every query, a fixed number of statements."""
