"""What we remember: every table, one Piccolo app, one chain of migrations."""
