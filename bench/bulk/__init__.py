"""What does it take to bring in many people at once?"""
