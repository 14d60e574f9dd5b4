"""Issues on GitHub: what is to be done there, doing it, and hearing what people did there."""
