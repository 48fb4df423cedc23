"""Which of the course's ways to find a face work with the OpenCV that is installed."""

import pytest

from course_lib.faces import finding

NEEDS_HAAR = pytest.mark.skipif(finding.cascade_path(finding.HAAR) is None, reason="OpenCV 5 has no cascades")
DETECTORS = [pytest.param("haar", marks=NEEDS_HAAR), "lbp"]
