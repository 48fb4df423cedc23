"""What the demo is tried with: even settings, sure answers, a picture with a face and one without."""

import numpy as np
import skimage

from course_lib.core.labels import EMOTIONS
from course_lib.demo.moments import Settings

EVEN = Settings(
    {"face": 1.0, "voice": 1.0, "fused": 1.0},
    {"face": 0.5, "voice": 0.3, "fused": 0.4},
    {"face": [1 / 7] * 7, "voice": [1 / 7] * 7},
)
HAPPY, SAD = np.eye(7)[EMOTIONS.index("happy")], np.eye(7)[EMOTIONS.index("sad")]
FACE, WALL = skimage.data.astronaut()[:300, :400], np.full((300, 400, 3), 90, np.uint8)
