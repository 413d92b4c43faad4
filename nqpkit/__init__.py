"""Score, couple and explain new quality productivity and high-quality development."""
