"""Rules as people make them: made, changed, deleted, tried, and what one would have said lately."""
