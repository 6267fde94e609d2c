"""What we hear: audio in, recogniser, filter, private data, themes."""
