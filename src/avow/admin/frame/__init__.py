"""What happens to every request of a screen, whichever it is? Recognised, allowed, shown, answered, kept live."""
