"""Thirty odd files that a visitor might upload."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile
from PIL import Image

SCRIPT = "<img src=x onerror=alert(1)>"


def ffmpeg(*arguments):
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)], check=True)


def write(folder, film) -> list[Path]:
    """Make the files in `folder` from a good video; each must get an error message or predictions."""
    whole, tone = Path(film).read_bytes(), 0.3 * np.sin(np.arange(16000) / 9)
    contents = {
        "empty.mp4": b"",
        "empty.wav": b"",
        "zeros.mov": bytes(5000),
        "diary.mp4": b"Dear diary, today",
        "list.m3u8": b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
        "list.ffconcat": b"ffconcat version 1.0\nfile x",
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "paper.pdf": b"%PDF-1.7",
        "moving.gif": b"GIF89a" + bytes(99),
        "many.zip": b"PK\x03\x04" + bytes(99),
        "tag.mp3": b"ID3\x04" + bytes(99),
        "head.jpg": b"\xff\xd8\xff\xe0" + bytes(99),
        "head.png": b"\x89PNG\r\n\x1a\n" + bytes(99),
        "half.mp4": whole[: len(whole) // 2],
        "holes.mp4": whole[:3000] + bytes(9000) + whole[12000:],
        "renamed.txt": whole,
        "renamed.wav": whole,
        f"{SCRIPT}.mp4": b"not a film",
        f"{'long' * 50}.png": b"not a picture",
        "käse 🧀 'x'.mp4": b"neither",
        "riff.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    soundfile.write(folder / "nan.wav", np.full(16000, np.nan), 16000, subtype="FLOAT")
    soundfile.write(folder / "no_samples.wav", np.zeros(0), 16000)
    soundfile.write(folder / "four_hours.flac", np.full(4 * 3600 * 800, 1000, np.int16), 800)
    soundfile.write(folder / "renamed.mp4", tone, 16000, format="WAV")
    flac = folder / "half.flac"
    soundfile.write(flac, np.random.default_rng(0).normal(0, 0.1, 32000), 16000)
    flac.write_bytes(flac.read_bytes()[:9000])
    Image.new("1", (20000, 20000)).save(folder / "bomb.png")
    Image.new("RGB", (1, 1)).save(folder / "one_pixel.png")
    ffmpeg("-i", film, "-an", "-c", "copy", folder / "mute.mp4")
    ffmpeg("-i", film, "-vn", "-c", "copy", folder / "blind.mp4")
    ffmpeg("-i", film, "-c:v", "mpeg4", "-c:a", "mp3", "-t", "1", folder / "old_codec.avi")
    return sorted(folder.iterdir())
