"""How does Avow look with people in it? A company that is made up, filled with histories, and served."""

EPILOG = ""


def demo() -> None:
    """Placeholder."""
