"""What may be believed in this workspace, and how is that changed? The screens of Settings > Security."""
