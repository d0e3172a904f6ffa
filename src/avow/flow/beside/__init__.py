"""What happens beside a contact's values: tags put on and taken off, notes written, events tracked."""
