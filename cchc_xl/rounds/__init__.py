"""A reporting round: the use cases, composed from everything above them in the list of layers."""
