"""What a face and a voice say of a picture, a recording, a film, or live: `course analyse`, `course demo`."""
