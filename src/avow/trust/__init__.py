"""What may be believed: pure rules, without a clock, chance, files or the network."""
