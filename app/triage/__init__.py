"""What people and agents do with errors: one verb a file."""
