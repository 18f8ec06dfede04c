"""What comes in: taken in, entered, given its one fate; who stands where."""
