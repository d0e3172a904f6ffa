"""What does it look like with people in it? A believable company to try Avow with."""
