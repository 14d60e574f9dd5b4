"""Messages as rows: written with what they tell of, sent after the commit, tried again, and forgotten."""
