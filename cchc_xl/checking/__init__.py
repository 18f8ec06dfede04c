"""What is wrong and why. Knows nothing of Excel, files or mail: entries in, findings out."""
