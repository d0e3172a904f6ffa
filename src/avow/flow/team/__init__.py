"""What happens when people sign in and work here: roles, sessions, invitations, second factors, passwords."""
