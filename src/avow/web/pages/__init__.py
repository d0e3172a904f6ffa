"""What does a wing for browsers need besides? Cookies, one origin, headers of pages, event streams."""
