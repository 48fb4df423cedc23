"""What `course grade` writes for people: tables (csv), pages (html), feedback, answers that are alike."""
