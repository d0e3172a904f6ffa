"""What does it cost? Ratios between servers that are measured side by side in one run: `python -m bench`."""
