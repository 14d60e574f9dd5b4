"""Who is asking: people and agents, their tokens and roles, and the keys that keep their secrets."""
