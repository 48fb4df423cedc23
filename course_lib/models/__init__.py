"""Networks and classifiers: built, trained, kept, loaded and asked.

`from_preset(name)` loads what is trained; `presets.table()` lists it. `classical` and `presets` need no Keras; the
others (`networks`, `training`, `vggface`, ...) are imported by name where they are needed.
"""

from course_lib.models.zoo import Pretrained, from_preset

__all__ = ["Pretrained", "from_preset"]
