"""What an administrator does with projects and instances, one verb a file."""
