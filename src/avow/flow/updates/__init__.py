"""What happens when a Messenger delivers facts about a person."""
