"""What do screens ask that nobody else does? What has just changed, how far a workspace is, all attributes at once."""
