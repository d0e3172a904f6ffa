"""What a page pays, measured in a real browser."""
