"""How is it read by people? Every page of the documentation, and the reference of the API, as HTML without a script."""
