"""What does every HTTP wing need? Limits, deadlines, CORS, one error shape, event streams."""
