"""Tiny clips for every test that reads media: a grey or noisy mp4 of 64x48 pixels, a wav of a few samples."""

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile


@pytest.fixture
def make_wav():
    """Write float samples (n,) or (n, channels) as a wav or FLAC file and return its path."""
    def write(path, samples, sr=48000, subtype="PCM_16"):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, sr, subtype=subtype)
        return path
    return write


@pytest.fixture
def make_mp4(make_wav):
    """Write uint8 frames (n, height, width, 3) as an H.264 mp4, with AAC sound if samples are given; return its path.

    Without frames: sixteen, frame k all of grey level 8 * k. `faststart` puts the index first, so that a cut file
    still opens.
    """
    def write(path, frames=None, sound=None, sr=48000, fps=30, faststart=False):
        frames = np.stack([np.full((48, 64, 3), 8 * k, np.uint8) for k in range(16)]) if frames is None else frames
        path.parent.mkdir(parents=True, exist_ok=True)
        wav = None if sound is None else make_wav(path.with_suffix(".track.wav"), sound, sr)
        writer = imageio_ffmpeg.write_frames(
            path, frames.shape[2:0:-1], fps=fps, codec="libx264", quality=9, macro_block_size=2,
            audio_path=wav and str(wav), audio_codec=wav and "aac",
            output_params=["-movflags", "+faststart"] * faststart)
        writer.send(None)
        for frame in np.ascontiguousarray(frames):
            writer.send(frame)
        writer.close()
        return path
    return write
