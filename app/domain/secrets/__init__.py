"""What must not be kept: found in texts and in events, and taken out."""
