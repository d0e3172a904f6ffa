"""What do teammates see of people, and do to one of them? The list with its filters, and everybody's own page."""
