"""How does a statement reach the disk? One small file for each database, behind one `Engine`."""
