"""The book's widgets, one folder each: Python, script and style."""
