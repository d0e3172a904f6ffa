"""What is counted and let go of, a little later than it happened."""
