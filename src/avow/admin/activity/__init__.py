"""What has happened lately, and in which words is it told? Refusals by reason, and what operators changed."""
