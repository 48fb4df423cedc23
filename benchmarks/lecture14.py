"""Lecture 14's way and ours: from clips to HoG features, and training a head on frozen VGG-Face.

    python benchmarks/lecture14.py                    # nine clips of the Studio, about 873 images
    python benchmarks/lecture14.py --data FOLDER      # real RAVDESS clips
    python benchmarks/lecture14.py head --images 96   # only the training

Both ways use the same clips, frames and weights. Each runs in its own process, whose peak memory (with its
child processes) is sampled. It prints both, their ratio, and how well the results agree. The HoG features
differ slightly, because the two ways resize differently; the training losses should be equal. The network's
weights are random, which costs the same time as trained ones.
"""

import argparse
import itertools
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import skimage.io
import skimage.transform
from joblib import Parallel, delayed
from side_by_side import measure
from skimage.feature import hog

from course_lib import features
from course_lib.media import video

LENGTH = 27 * 27 * 2 * 2 * 9  # of the HoG vector of an image of 224x224


def lectures_way(paths, every, out):
    """Frames to image files, images to one array at 720x1280, resize in a loop, HoG with its picture in a
    loop.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            capture, number = cv2.VideoCapture(path), 0
            while True:
                there, frame = capture.read()
                if not there:
                    break
                if number % every == 0:
                    cv2.imwrite(f"{folder}/{Path(path).stem}_{number:04d}.png", frame)
                number += 1
        data = np.array([skimage.io.imread(image) for image in sorted(Path(folder).glob("*.png"))])
    resized = np.array([skimage.transform.resize(image, (224, 224)) for image in data])
    found, pictures = [], []
    for image in resized:
        fd, picture = hog(image, 9, (8, 8), (2, 2), visualize=True, channel_axis=-1)
        found.append(fd)
        pictures.append(picture)
    np.save(out, np.array(found))


def our_way(paths, every, out):
    """Clips in parallel threads: frames resized while decoding, then HoG without its picture. No thread holds
    more frames than those of its clip, and the features go into one array as they come.
    """
    pool = Parallel(n_jobs=-1, prefer="threads", return_as="generator")
    described = pool(delayed(hog_of_clip)(path, every) for path in sorted(paths))
    row = np.dtype((np.float32, LENGTH))
    np.save(out, np.fromiter(itertools.chain.from_iterable(described), row))


def hog_of_clip(path, every):
    return features.hog(video.read_clip(path, (224, 224), every=every, threads=1), jobs=1)


def lectures_training(images, labels, out):
    """Every image through the frozen network in each of ten epochs (lecture 14 at 22:03)."""
    from course_lib.models import networks, training, vggface
    from course_lib.models.backend import keras

    recipe, images = networks.RECIPES["vggface_mlp"], np.load(images)
    keras.utils.set_random_seed(0)
    model = networks.vggface_mlp(weights="random")
    started = time.perf_counter()
    # The course's own loop here, too: `model.fit` on arrays leaves the cores idle.
    found = training.fit(model, vggface.preprocess(images), np.load(labels), recipe.batch_size, recipe.epochs)
    np.savez(out, loss=found["loss"], seconds=time.perf_counter() - started)


def our_training(images, labels, out):
    """Every image through the frozen network once, then ten epochs of the head, its step compiled, on what it
    gave.
    """
    from course_lib.models import networks, training, vggface
    from course_lib.models.backend import keras

    recipe = networks.RECIPES["vggface_mlp"]
    keras.utils.set_random_seed(0)
    model = networks.vggface_mlp(weights="random")
    started = time.perf_counter()
    embeddings = vggface.embed(np.load(images), model.layers[0])
    embedded = time.perf_counter() - started
    found = training.fit(networks.head(model), embeddings, np.load(labels), recipe.batch_size, recipe.epochs)
    np.savez(out, loss=found["loss"], seconds=time.perf_counter() - started)
    _against_the_arithmetic_limit(len(embeddings), embedded)


def _against_the_arithmetic_limit(n, seconds):
    """Print how much of the machine's measured matrix-multiply rate the embedding pass reaches."""
    from course_lib.datasets.vggface import LAYERS
    from course_lib.models.backend import keras

    size, channels, work = 224, 3, 0
    for filters in LAYERS.values():
        work += 9 * channels * filters * size**2 if filters else 0
        size, channels = (size, filters) if filters else (size // 2, channels)
    a = keras.ops.convert_to_tensor(np.random.default_rng(0).normal(size=(3000, 3000)).astype("float32"))
    rates = []
    for _ in range(5):
        started = time.perf_counter()
        keras.ops.convert_to_numpy(keras.ops.matmul(a, a))
        rates.append(3000**3 / (time.perf_counter() - started))
    print(
        f"embedding: {n} images in {seconds:.1f} s = {n / seconds:.1f} a second, each {work / 1e9:.2f} "
        f"billion"
        f" multiply-adds:\n  {n * work / seconds / max(rates):.0%} of the {max(rates) / 1e9:.0f} billion "
        f"a second"
        " that a large matrix product reaches here"
    )


def show(title, slow, large, fast, small):
    print(title)
    print(f"  the lecture's way  {slow:7.1f} s  {large:7.0f} MiB")
    print(f"  ours               {fast:7.1f} s  {small:7.0f} MiB")
    print(f"  ratio              {slow / fast:7.1f} x  {large / small:7.1f} x less memory")


def compare_hog(paths, every, folder):
    outs = [f"{folder}/{name}.npy" for name in ("lecture", "ours")]
    figures = [
        measure(way, paths, every, out) for way, out in zip((lectures_way, our_way), outs, strict=True)
    ]
    theirs, ours = (np.load(out) for out in outs)
    cosine = (theirs * ours).sum(1) / np.linalg.norm(theirs, axis=1) / np.linalg.norm(ours, axis=1)
    show(f"{len(paths)} clips, {len(ours)} frames (one in {every}) to HoG", *figures[0], *figures[1])
    print(
        f"  HoG of the two: cosine mean {cosine.mean():.3f}, lowest {cosine.min():.3f} (another resampling)"
    )


def compare_training(table, n, folder):
    images, frames = video.read_frames(table, (224, 224), every=5)
    spread = np.linspace(0, len(images) - 1, min(n, len(images))).astype(int)  # over all clips
    images, labels = images[spread], frames["emotion"].iloc[spread].factorize()[0]
    np.save(f"{folder}/images.npy", images)
    np.save(f"{folder}/labels.npy", np.eye(2, dtype="float32")[labels])
    outs = [f"{folder}/{name}.npz" for name in ("lecture_training", "our_training")]
    figures = [
        measure(way, f"{folder}/images.npy", f"{folder}/labels.npy", out)
        for way, out in zip((lectures_training, our_training), outs, strict=True)
    ]
    show(f"{len(images)} images, ten epochs on frozen VGG-Face", *figures[0], *figures[1])
    theirs, ours = (np.load(out) for out in outs)
    print(
        f"  without start and imports {theirs['seconds']:.1f} s against {ours['seconds']:.1f} s: "
        f"{theirs['seconds'] / ours['seconds']:.1f} x"
    )
    print(
        f"  losses {theirs['loss'][0]:.4f} to {theirs['loss'][-1]:.4f}; the two ways differ by "
        f"{(abs(theirs['loss'] - ours['loss']) / theirs['loss']).max():.0e} of the loss at most"
    )


def main():
    from course_lib import load  # not at the top: neither way needs the Studio's drawing and speaking
    from course_lib.datasets import ravdess

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="?", choices=("hog", "head", "both"), default="both")
    parser.add_argument("--data", help="a folder of real RAVDESS clips")
    parser.add_argument("--clips", type=int, default=9)
    parser.add_argument("--every", type=int, default=1, help="one frame in so many")
    parser.add_argument("--images", type=int, default=96, help="to train the head on")
    options = parser.parse_args()
    table = (
        ravdess.table(options.data) if options.data else load.clips(actors=[1], emotions=["neutral", "angry"])
    )
    table = table[table["path"].str.endswith(".mp4")].sort_values("path")
    paths = [str(Path(path).resolve()) for path in table["path"]][: options.clips]
    with tempfile.TemporaryDirectory() as folder:
        if options.part != "head":
            compare_hog(paths, options.every, folder)
        if options.part != "hog":
            spread = table.groupby("emotion").head(options.clips // 2)  # both classes
            compare_training(
                spread[spread["emotion"].isin(spread["emotion"].unique()[:2])], options.images, folder
            )


if __name__ == "__main__":
    main()
