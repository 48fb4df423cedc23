"""What every other part of `course_lib` stands on: errors, paths, files, guards for arrays, labels. It imports no other part."""
