"""Tell what a file is from its first bytes, because the name of a file can be wrong."""

import re
from pathlib import Path

HEAD = 512  # bytes that are looked at
# (offset, first bytes): kind.
KINDS = {
    (0, b"\xff\xd8\xff"): "image",
    (0, b"\x89PNG\r\n\x1a\n"): "image",
    (8, b"WEBP"): "image",
    (8, b"WAVE"): "audio",  # RIFF, RF64 and RIFX
    (0, b"riff\x2e\x91\xcf\x11"): "audio",  # Sony Wave64
    (0, b"fLaC"): "audio",
    (0, b"OggS"): "audio",
    (0, b"ID3"): "audio",
    (0, b"caff"): "audio",
    (8, b"AIFF"): "audio",
    (8, b"AIFC"): "audio",
    # MP3 without a tag, then AAC without a container: the eleven or twelve set bits that begin a frame.
    **{
        (0, bytes([0xFF, byte])): "audio"
        for byte in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2, 0xF1, 0xF9, 0xF0, 0xF8)
    },
    (4, b"ftyp"): "video",
    # QuickTime files of older cameras have no "ftyp".
    **{(4, atom): "video" for atom in (b"moov", b"mdat", b"wide", b"skip", b"pnot")},
    (0, b"\x1aE\xdf\xa3"): "video",
    (8, b"AVI "): "video",
    (0, b"FLV\x01"): "video",
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"): "video",  # ASF: wmv and wma
    (0, b"\x00\x00\x01\xba"): "video",  # MPEG
}
# The first bytes of an image in the HEIF format, from the fifth on.
HEIF = rb"ftyp(heic|heix|heim|heis|hevc|hevx|hevm|hevs|mif1|msf1|avif|avis)"
PACKET = 188  # bytes of a packet of an MPEG transport stream, which begins with "G"


def kind_of(path: str | Path) -> str | None:
    """Tell the kind of a file from its first bytes. Its name does not matter.

    Parameters
    ----------
    path : str or Path
        An existing file.

    Returns
    -------
    {"image", "heif", "audio", "video"} or None
        "video" is a container that can hold pictures; it may hold only sound. "heif" is an image in a format
        that the course does not read. None for anything else.

    Notes
    -----
    Used in lesson 14 (`demo.uploads`).

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "voice.wav"
    >>> _ = path.write_bytes(b"OggS and more")
    >>> kind_of(path)
    'audio'
    """
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if re.match(HEIF, head[4:12]):
        return "heif"
    if head[:1] == head[PACKET : PACKET + 1] == head[2 * PACKET : 2 * PACKET + 1] == b"G":
        return "video"
    return next(
        (kind for (at, mark), kind in KINDS.items() if head[at : at + len(mark)] == mark),
        None,
    )
