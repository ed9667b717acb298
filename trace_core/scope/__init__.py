"""The scope of a recall: certain, possible and cleared, each with its reason."""
