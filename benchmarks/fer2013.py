"""Reading fer2013.csv: G7's way, plain Python, and ours.

    python benchmarks/fer2013.py                 # 3,000 faces of the Studio, repeated up to 35,887 rows
    python benchmarks/fer2013.py --data FILE     # FER2013 itself, csv or npz

The input is a csv of 35,887 rows, like Kaggle's. A csv of that length is used as it is. Other faces are
written as csv and repeated until there are enough, and this is printed. Three ways read it to images uint8
(n, 48, 48) and labels. G7's way is the code on its slide: pandas' rows one by one, NumPy's numbers from each
string, and a colour image of Pillow's; its cascade, its resizing and its progress lines are left out. The
second way is `int` of each number's string, without NumPy. The third is `course_lib.datasets.fer2013.read`,
which also checks every row. Each runs in its own process, imports included, whose peak memory is sampled. All
three must give the same arrays.
"""

import argparse
import csv
import os
import tempfile
from pathlib import Path

import numpy as np
from side_by_side import measure

ROWS = 35_887


def g7s_way(path, out):
    """cvs_to_numpy.py of G7's slides, but for the cascade; grey again at the end."""
    import pandas as pd
    from PIL import Image

    images, labels = [], []
    for _, row in pd.read_csv(path).iterrows():
        image = np.fromstring(str(row["pixels"]), dtype=np.uint8, sep=" ").reshape((48, 48))
        image = np.array(Image.fromarray(image).convert("RGB"))[:, :, ::-1].copy()
        images.append(image[:, :, 0])
        labels.append(np.eye(7)[row["emotion"]])
    np.savez(out, images=images, labels=np.argmax(labels, axis=1))


def int_of_each_string(path, out):
    """Row by row, number by number."""
    images, labels = [], []
    with open(path, newline="", encoding="ascii") as file:
        for row in csv.DictReader(file):
            images.append(np.array([int(word) for word in row["pixels"].split()], np.uint8).reshape(48, 48))
            labels.append(int(row["emotion"]))
    np.savez(out, images=images, labels=labels)


def our_way(path, out):
    """A thousand rows at a time, every row checked."""
    from course_lib.datasets import fer2013

    faces = fer2013.read(path)
    np.savez(out, images=faces.images, labels=faces.labels)


def whole_csv(data, folder) -> Path:
    """A csv of `ROWS` rows: `data` itself, or its faces (without it the Studio's) written back and
    repeated."""
    from course_lib import load
    from course_lib.datasets import fer2013
    from course_lib.synthetic.fer2013 import write

    faces = load.faces("fer2013" if data else "studio", data)
    if data and Path(data).suffix == ".csv" and len(faces.labels) == ROWS:
        return Path(data)
    rows = np.arange(ROWS) % len(faces.labels)
    print(
        f"{len(faces.labels):,} faces of {', '.join(dict.fromkeys(faces.usage))} "
        f"({Path(data).name if data else 'the Studio, SYNTHETIC'}), written back as csv, repeated to "
        f"{ROWS:,} rows"
    )
    write(Path(folder) / "fer2013.csv", fer2013.Faces(*(column[rows] for column in faces)))
    return Path(folder) / "fer2013.csv"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="FER2013 as csv or npz")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(whole_csv(options.data, folder).resolve())
        print(
            f"{os.path.getsize(path) / 1e6:.0f} MB of csv, {ROWS:,} rows; start and imports of Python "
            f"included"
        )
        figures, ways = {}, {"G7's way": g7s_way, "int of each": int_of_each_string, "ours": our_way}
        for name, way in ways.items():
            seconds, memory = measure(way, path, f"{folder}/read.npz")
            with np.load(f"{folder}/read.npz") as file:
                figures[name] = seconds, memory, (file["images"], file["labels"])
        fast, small, ours = figures["ours"]
        for name, (seconds, memory, arrays) in figures.items():
            same = all(np.array_equal(one, other) for one, other in zip(arrays, ours, strict=True))
            print(
                f"  {name:12} {seconds:7.1f} s  {memory:7.0f} MiB  {seconds / fast:5.1f} x the time  "
                f"{memory / small:4.1f} x the memory  {'same arrays' if same else 'OTHER ARRAYS'}"
            )


if __name__ == "__main__":
    main()
