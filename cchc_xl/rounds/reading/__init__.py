"""Files handed in, read and checked: by several workers, remembered by content, judged together."""
