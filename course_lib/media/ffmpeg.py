"""Ask ffmpeg for pictures or sound, and understand what it tells about a file.

ffmpeg writes to its error stream what a file contains, and complaints, also about files that it reads whole.
So a file is judged by what came and by the length that its container declares, not by complaints.
"""

import re
from pathlib import Path
from typing import NamedTuple

from course_lib.core.io import what_came
from course_lib.core.kinds import kind_of

# Parts of messages of ffmpeg, and what they mean.
REASONS = {
    "not on whitelist": "it is none of the formats that the course reads ({readable})",
    "moov atom not found": "it is cut off, or it is not a clip (the index at its end is missing)",
    "partial file": "it is cut off",
    "ended prematurely": "it is cut off",
    "exceeds specified max pixel count": "its frames are too large (more than 50 million pixels)",
    "Invalid data found": "it is damaged, or it is not a clip",
}
READABLE = "mp4, mov, m4a, 3gp, webm, mkv, avi, wmv, wma, flv, mpeg, mp3, ogg, flac, wav, aiff, aac, caf"
# The formats that ffmpeg may read. No playlists, because these could name other files of this machine.
CONTAINERS = "mov,mp4,matroska,webm,avi,asf,flv,mpeg,mpegts,mp3,ogg,flac,wav,w64,aiff,aac,caf"
PLACEHOLDER = 0x7FFFF000  # a RIFF file that declares so many bytes, or more, was written without knowing
ENOUGH = 0.5  # seconds: a decoder may lose so much at the end of a track without its being cut off


class Facts(NamedTuple):
    """What ffmpeg tells about a file and about reading it.

    Attributes
    ----------
    seconds : float or None
        The length that the container declares.
    start : float
        When the track begins, in seconds after the file's first track.
    rate : float or None
        Frames per second of the pictures.
    hdr : bool
        Whether the pictures are in high dynamic range (HLG or PQ).
    aspect : float
        Width divided by height of a pixel.
    complaints : str
        Its messages of errors, one line each, without those about the other kind of track; "" without any.
    end : float or None
        Where the last picture or sample that came ends, in seconds.
    """

    seconds: float | None
    start: float
    rate: float | None
    hdr: bool
    aspect: float
    complaints: str
    end: float | None = None


def command(path: str | Path, *before: str) -> list[str]:
    """The beginning of a command that reads a file: everything up to the input.

    Parameters
    ----------
    path : str or Path
    *before : str
        Options of the input.

    Returns
    -------
    list of str
    """
    import imageio_ffmpeg

    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-hide_banner",
        "-nostats",
        "-nostdin",
        "-v",
        "level+info",
        *before,
        "-format_whitelist",
        CONTAINERS,
        "-i",
        f"file:{path}",
    ]


def facts(log: str, track: str) -> Facts:
    """Read ffmpeg's messages.

    Parameters
    ----------
    log : str
        What `command` wrote to its error stream.
    track : {"Video", "Audio"}
        The kind of track that was read: its first one counts.

    Returns
    -------
    Facts

    Examples
    --------
    >>> log = '''[info]   Duration: 00:01:02.50, start: 0.000000, bitrate: 92 kb/s
    ... [info]   Stream #0:0: Video: h264, yuv420p, 320x360 [SAR 2:1 DAR 16:9], 30 fps, start 1.000000'''
    >>> facts(log, "Video")
    Facts(seconds=62.5, start=1.0, rate=30.0, hdr=False, aspect=2.0, complaints='', end=None)
    """
    duration, *_ = [*_times("Duration: ", log), None]
    *_, end = [None, *_times("time=", log)]
    streams = re.findall(
        rf"Stream #0:\d+.*?: {track}: (?!.*attached pic).*", log.partition("Stream mapping")[0]
    )
    stream = streams[0] if streams else ""
    start, rate = re.search(r", start ([\d.]+)", stream), re.search(r"([\d.]+) fps", stream)
    aspect = re.search(r"SAR (\d+):(\d+)", stream)
    lines = [line for line in log.splitlines() if re.search(r"\[(error|fatal|panic)\]", line)]
    lines = [line for line in lines if not line.startswith(_of_the_other(log, track))]
    return Facts(
        duration,
        float(start[1]) if start else 0.0,
        float(rate[1]) if rate else None,
        "arib-std-b67" in stream or "smpte2084" in stream,
        int(aspect[1]) / int(aspect[2]) if aspect and int(aspect[2]) else 1.0,
        "\n".join(lines),
        end,
    )


def _times(word, log):
    """All times of the form hours:minutes:seconds after a word, in seconds."""
    found = re.findall(rf"{word}(\d+):(\d+):([\d.]+)", log)
    return [3600 * float(hours) + 60 * float(minutes) + float(seconds) for hours, minutes, seconds in found]


def _of_the_other(log, track):
    """How messages about the tracks of the other kind begin: ffmpeg decodes a little of all tracks."""
    other, stream = {"Video": ("Audio", "aist"), "Audio": ("Video", "vist")}[track]
    codecs = re.findall(rf"Stream #0:\d+.*?: {other}: (\w+)", log)
    return (f"[{stream}#", *(f"[{codec} @" for codec in codecs))


def missing(known: Facts, seconds: float, wanted: float | None = None) -> float | None:
    """How much of a track did not come, in seconds.

    Parameters
    ----------
    known : Facts
    seconds : float
        Where what came ends, counted from the file's beginning.
    wanted : float, optional
        So many seconds were asked for.

    Returns
    -------
    float or None
        None if the container declares no length.

    Examples
    --------
    >>> known = Facts(4.0, 0.0, 30.0, False, 1.0, "")
    >>> missing(known, 3.0), missing(known, 2.0, wanted=2)
    (1.0, 0.0)
    """
    if known.seconds is None:
        return None
    return max(0.0, min(known.seconds, wanted or known.seconds) - seconds)


def lost(path: Path, seconds: float) -> float:
    """Estimate how many seconds are missing at the end of an AVI file, from the size that it declares.

    ffmpeg says nothing about an AVI file that is cut off, and even corrects the length that it declares.

    Parameters
    ----------
    path : Path
    seconds : float
        What came.

    Returns
    -------
    float
        0 for other files, and if the size was never filled in.
    """
    with open(path, "rb") as file:
        head = file.read(12)
    size, declared = path.stat().st_size, 8 + int.from_bytes(head[4:8], "little")
    if head[:4] + head[8:] != b"RIFFAVI " or not size + 1 < declared < PLACEHOLDER:
        return 0.0
    return seconds * (declared / size - 1)


def explain(log: str) -> str:
    """What an error message of ffmpeg means.

    Parameters
    ----------
    log : str
        What ffmpeg printed.

    Returns
    -------
    str
        A plain reason, or ffmpeg's own first line if the message is not known.

    Examples
    --------
    >>> explain("[error] moov atom not found")
    'it is cut off, or it is not a clip (the index at its end is missing)'
    """
    known = (text for key, text in REASONS.items() if key in log)
    other = f"ffmpeg says: {first_line(log)}" if log else "it contains no frame"
    return next(known, other).format(readable=READABLE)


def refusal(path: Path, log: str, again: str) -> tuple[str, str]:
    """Why nothing could be read from a file, and what to do: from its first bytes, else from ffmpeg's log.

    Parameters
    ----------
    path : Path
    log : str
        What ffmpeg printed.
    again : str
        What to do if the file is damaged.

    Returns
    -------
    (str, str)
        As `CourseError` takes them.
    """
    if (kind := kind_of(path)) in ("heif", "image"):
        known = "it is an image in the HEIF format" if kind == "heif" else "it is an image"
        return known, "Give a recording or a clip; save an image of the HEIF format as a jpg"
    if found := what_came(path):
        return found
    return explain(log), "Convert it, for example to mp4 or wav" if "not on whitelist" in log else again


def first_line(log: str) -> str:
    """The first message, without addresses in memory and levels.

    Examples
    --------
    >>> first_line("[hevc @ 0x565511dcc300] [error] Could not find ref with POC 18")
    'Could not find ref with POC 18'
    """
    return re.sub(r"\[[^]]*( @ [^]]*)?\] *", "", log.partition("\n")[0])
