"""Networks and classifiers: built, trained, kept, loaded and asked.

`from_preset(name)` loads what is trained; `presets.table()` lists it. `classical`, `presets`, `zoo`,
`voices`, `voice_training` and `card` need no Keras. The others (`networks`, `training`, `vggface`, ...) do.
"""

from course_lib.models.zoo import Pretrained, from_preset

__all__ = ["Pretrained", "from_preset"]
