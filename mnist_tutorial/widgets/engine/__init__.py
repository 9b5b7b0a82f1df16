"""The engine that trains in the page: C compiled to WebAssembly, its JavaScript face, and what Python needs of them."""
