"""Films and recordings as arrays: `video`, `audio`."""
