"""The chain of migrations, oldest first."""
