"""Spreadsheets: statistics bureaus' exports into a study, and a region's results out of it."""
