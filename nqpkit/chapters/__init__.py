"""What the chapters of the book show: figures and computed sentences, one module a part."""
