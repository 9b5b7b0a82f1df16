"""The Sphinx extensions that make the book, one module each."""
