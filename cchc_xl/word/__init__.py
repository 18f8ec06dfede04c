"""In words: the narrative, its template, and the numbers in it that stay tied to their figures."""
