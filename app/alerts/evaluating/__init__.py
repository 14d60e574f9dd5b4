"""What rules match, gathered until it is told: changes as they come, levels as they are looked at."""
