"""What does an operator do with a place as a whole? Back it up, bring it back, and ask how it does."""
