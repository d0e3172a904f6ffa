"""Who works here, as what? Teammates, their roles and browsers, and invitations."""
