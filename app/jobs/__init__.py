"""What is done without being asked, and when: the catalogue of jobs, for workers and for the command line."""
