"""Everything Snaglist does; the rooms stand in the order in which an error passes them."""
