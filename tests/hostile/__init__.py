"""Files that nobody honest sends, made on purpose: what they do to the program is what an officer's PC would suffer."""
