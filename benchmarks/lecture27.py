"""Lecture 27's way and ours, from mp4 to fused features, on the same clips and frames.

    python benchmarks/lecture27.py                      # two clips of the Studio, 30 frames per second
    python benchmarks/lecture27.py --clips 4 --fps 15   # more clips, fewer frames of each

Each way runs in its own process, whose peak memory (with its child processes) is sampled. A third process
only imports TensorFlow, and the memory above that is shown too. Both train the lecture's frame-feature
network for its 20 epochs with a batch size of 128, on random weights, which take the same time as trained
ones. Our way starts without a cached embedding. It prints both, their ratio, and how well the results agree:
MoviePy encodes the frames again and resizes differently, and the lecture does not subtract VGG-Face's means.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from side_by_side import measure

SIZE, SECONDS, SR = (128, 227), 4, 8000


def lectures_way(paths, labels, fps, out):
    """MoviePy writes two folders and reads them again; all frames go through the frozen network in every
    epoch.
    """
    import keras
    import librosa
    from moviepy import VideoFileClip

    from course_lib.models import networks

    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            with VideoFileClip(path) as clip:
                part = clip.subclipped(0, min(SECONDS, clip.duration)).resized((SIZE[1], SIZE[0]))
                part.without_audio().write_videofile(f"{folder}/{Path(path).stem}.mp4", fps=fps, logger=None)
                part.audio.write_audiofile(f"{folder}/{Path(path).stem}.wav", logger=None)
        video, sound = [], []
        for path in paths:
            with VideoFileClip(f"{folder}/{Path(path).stem}.mp4") as clip:
                frames = list(clip.iter_frames())[: SECONDS * fps]
            video.append(frames + [frames[-1]] * (SECONDS * fps - len(frames)))
            samples, _ = librosa.load(f"{folder}/{Path(path).stem}.wav", sr=SR, duration=SECONDS)
            sound.append(librosa.util.fix_length(samples, size=SECONDS * SR))
    video, sound = np.array(video), np.array(sound)
    A = np.array([librosa.feature.mfcc(y=samples, sr=SR, n_mfcc=40) for samples in sound]).reshape(
        len(paths), -1
    )
    keras.utils.set_random_seed(0)
    model = networks.vggface_frame_features((*SIZE, 3), weights="random")
    curve = model.fit(
        video.reshape(-1, *SIZE, 3),
        np.eye(2)[np.repeat(labels, SECONDS * fps)],
        batch_size=128,
        epochs=20,
        verbose=0,
    )
    extractor = networks.feature_extractor(model)
    V = np.array([extractor.predict(frames, verbose=0) for frames in video]).reshape(len(paths), -1)
    np.savez(
        out, A=A, fused=np.hstack([A, V]), accuracy=curve.history["accuracy"][-1], frames=video[:, ::fps]
    )


def our_way(paths, labels, fps, out):
    """Frames resized while decoding, a clip at a time through the frozen network, once; its head trains on
    the rest.
    """
    import pandas as pd

    from course_lib import features
    from course_lib.media import audio, video
    from course_lib.models import networks, training, vggface

    A = features.mfcc(np.stack([audio.read_audio(path, SR, SECONDS) for path in paths])).reshape(
        len(paths), -1
    )
    vgg = vggface.VGGFace(include_top=False, weights="random", input_shape=(*SIZE, 3))
    Z, seen = [], []
    for path in paths:
        frames = video.read_windows(pd.DataFrame({"path": [path]}), SIZE, SECONDS, fps)[0][0]
        Z.append(vggface.embed(frames, vgg, batch_size=8))  # half the memory of 16, at nearly its speed
        seen.append(frames[::fps])
    Z, recipe = np.stack(Z), networks.RECIPES["vggface_frame_features"]
    head = networks.frame_head(Z.shape[2:])
    curve = training.fit(
        head,
        Z.reshape(-1, *Z.shape[2:]),
        np.eye(2)[np.repeat(labels, SECONDS * fps)],
        recipe.batch_size,
        recipe.epochs,
    )
    V = training.predict(networks.feature_extractor(head), Z.reshape(-1, *Z.shape[2:])).reshape(
        len(paths), -1
    )
    np.savez(out, A=A, fused=np.hstack([A, V]), accuracy=curve["accuracy"][-1], frames=seen)


def only_tensorflow():
    """What both begin with: Keras and its backend."""
    import keras  # noqa: F401


def main():
    from course_lib import load  # not at the top: neither way needs the Studio's drawing and speaking

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=2, help="an even number, half calm, half angry")
    parser.add_argument("--fps", type=int, default=30)
    options = parser.parse_args()
    table = load.clips(actors=[1], emotions=["calm", "angry"], modality="audio-video")
    table = table.groupby("emotion").head(options.clips // 2)
    paths, labels = list(table["path"]), (table["emotion"] == "angry").astype(int).tolist()
    with tempfile.TemporaryDirectory() as folder:
        outs = [f"{folder}/{name}.npz" for name in ("lecture", "ours")]
        base_time, base = measure(only_tensorflow)
        (slow, large), (fast, small) = (
            measure(way, paths, labels, options.fps, out)
            for way, out in zip((lectures_way, our_way), outs, strict=True)
        )
        theirs, ours = (dict(np.load(out)) for out in outs)
    print(
        f"{len(paths)} clips of {SECONDS * options.fps} frames {SIZE[0]}x{SIZE[1]}; fused features "
        f"{theirs['fused'].shape} and {ours['fused'].shape}"
    )
    print(
        f"{'':17}  {'seconds':>9}  {'peak MiB':>9}  above TensorFlow's import ({base_time:.1f} s, "
        f"{base:.0f} MiB)"
    )
    for name, seconds, memory in (("the lecture's way", slow, large), ("ours", fast, small)):
        print(f"{name:17}  {seconds:9.1f}  {memory:9.0f}  {memory - base:9.0f} MiB")
    print(
        f"{'ratio':17}  {slow / fast:8.1f}x  {large / small:8.1f}x  {(large - base) / (small - base):8.1f}x"
    )
    grey, mfcc = (np.abs(theirs[name].astype(float) - ours[name]).mean() for name in ("frames", "A"))
    print(
        f"on average frames differ by {grey:.1f} grey levels, MFCC by {mfcc:.2f} (spread "
        f"{ours['A'].std():.0f})"
    )
    print(
        f"accuracy on the frames trained on: {theirs['accuracy']:.1%} and {ours['accuracy']:.1%} "
        f"(SYNTHETIC, random "
        "weights)"
    )


if __name__ == "__main__":
    main()
