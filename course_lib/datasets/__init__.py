"""What a corpus is: file names, a folder as a table, and how real data get here."""
