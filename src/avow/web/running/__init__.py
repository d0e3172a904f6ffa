"""What does every HTTP wing need to run? A server in one process, and one process that watches over several."""
