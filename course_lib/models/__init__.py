"""Networks and classifiers: build, train, save, load and use them.

`from_preset(name)` loads a trained one; `presets.table()` lists them. `classical`, `presets`, `zoo`,
`voices`, `voice_training`, `whisper_file` and `card` need no Keras. The others (`networks`, `training`,
`vggface`, ...) do.
"""

from course_lib.models.zoo import Pretrained, from_preset

__all__ = ["Pretrained", "from_preset"]
