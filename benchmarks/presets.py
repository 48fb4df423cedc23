"""The speed of every preset: images or utterances a second on one processor core.

    python benchmarks/presets.py                       # all presets
    python benchmarks/presets.py face_identity         # only these
    python benchmarks/presets.py --write               # also into course_lib/results/preset_speed.json

Each preset is measured in its own process, which may use one core only. `features` of the preset computes
random images or noise, from arrays in memory to features: resizing and spectrograms count, reading files and
loading the network do not. Processor time counts, which is the time on the clock while no other program runs.
The first pass compiles the network and does not count; of the next passes the fastest one does. A network
without weights on this machine has random weights, which are as fast. `presets.table()` shows the figures.
"""

import argparse
import json
import os
import subprocess
import sys
import time

PASSES = 5
ITEMS = {
    "faces of 48 x 48": (
        "face_or_not",
        "emotion_net",
        "emotion_net_raters",
        "emotion_cnn6",
        "gudi_cnn",
        "iiita_face",
        "iiita_face_as_published",
    ),
    "images of 224 x 224": ("vgg_face",),
    "aligned faces of 150 x 150": ("face_identity",),
    "utterances of 4 s": ("voice", "voice_encoder", "whisper_base_encoder"),
}
COUNT = {"faces of 48 x 48": 512, "images of 224 x 224": 16, "aligned faces of 150 x 150": 128}
UTTERANCES = 16
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def rate(name: str) -> float:
    """Items a second of one preset, in this process."""
    features, items = extractor(name), some_items(name)
    features(items)
    seconds = []
    for _ in range(PASSES):
        started = time.process_time()
        features(items)
        seconds.append(time.process_time() - started)
    return len(items) / min(seconds)


def extractor(name):
    from course_lib.models import from_preset

    if name == "vgg_face":
        from course_lib.models import vggface

        network = vggface.VGGFace(include_top=False, weights="random")
        return lambda images: network.predict_on_batch(vggface.preprocess(images))  # `features` would store
    if name in (
        "voice_encoder",
        "whisper_base_encoder",
    ):  # the first is the second, and one product of matrices
        from course_lib.models import speech_encoder

        network = speech_encoder.build()
        return lambda sounds: speech_encoder.features(network, sounds)
    with_weights = ("face_or_not", "emotion_net", "emotion_net_raters", "voice", "face_identity")
    return from_preset(name, None if name in with_weights else "random").features


def some_items(name):
    import numpy as np

    rng, item = np.random.default_rng(0), item_of(name)
    if item == "utterances of 4 s":
        return list(rng.normal(0, 0.1, (UTTERANCES, 64_000)).astype(np.float32))
    side = int(item.rpartition(" ")[2])
    shape = (COUNT[item], side, side) if side == 48 else (COUNT[item], side, side, 3)
    return rng.integers(0, 256, shape, np.uint8)


def item_of(name):
    return next(item for item, names in ITEMS.items() if name in names)


def in_its_own_process(name: str) -> dict:
    """The rate of a preset in a new process on one core, and the versions it ran with."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", name],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | dict.fromkeys(THREADS, "1") | {"TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return json.loads(done.stdout.splitlines()[-1])


def one(name):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found = {"rate": rate(name)}
    import keras

    print(json.dumps(found | {"keras": keras.__version__, "backend": keras.backend.backend()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("presets", nargs="*")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return one(given.one)
    names = given.presets or [name for some in ITEMS.values() for name in some]
    found = {}
    for name in names:
        found[name] = in_its_own_process(name)
        print(f"{name:24} {found[name]['rate']:9.1f} {item_of(name)} a second")
    if given.write:
        write(found)


def write(found):
    from course_lib import results
    from course_lib.core.io import whole_file
    from course_lib.core.paths import commit

    path = results.FOLDER / "preset_speed.json"
    before = json.loads(path.read_text(encoding="utf-8"))["items_a_second"] if path.is_file() else {}
    about = {
        "command": "python benchmarks/presets.py --write",
        "commit": commit(),
        "cores": 1,
        "machine": "one core of a server processor (x86-64, AVX-512); on others only the ratios are alike",
        "keras": next(iter(found.values()))["keras"],
        "backend": next(iter(found.values()))["backend"],
        "n": {item: COUNT.get(item, UTTERANCES) for item in ITEMS},
        "passes": PASSES,
        "items": {name: item for item, names in ITEMS.items() for name in names},
        "items_a_second": before | {name: float(f"{one['rate']:.3g}") for name, one in found.items()},
    }
    with whole_file(path) as part:
        part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
