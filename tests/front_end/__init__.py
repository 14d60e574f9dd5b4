"""The front end in a real browser, against a whole Snaglist."""
