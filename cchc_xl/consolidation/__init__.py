"""What it all adds up to. Knows nothing of Excel, files or mail: submissions in, figures out."""
