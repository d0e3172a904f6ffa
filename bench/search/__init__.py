"""What do searches cost?"""
