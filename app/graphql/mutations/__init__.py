"""What can be changed: one file for each mutation, with its input and its payload."""
