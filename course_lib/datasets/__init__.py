"""The corpora: what their file names mean, a folder of clips as a table, and how to download real data."""
