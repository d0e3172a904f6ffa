"""What would become of production if it took over what was tried in test?"""
