"""Speaking to GitHub: what may be asked, what is answered, what goes wrong."""
