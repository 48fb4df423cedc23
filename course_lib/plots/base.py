"""What every figure keeps to: colours, markers, how a picture is drawn, and how a figure is shown."""

import base64
import io
from textwrap import fill

import numpy as np
from IPython.display import display

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")
MARKERS = "osD^vPX*"


def picture(axes, image):
    """Draw an image (height, width[, 3]) on axes, without ticks."""
    # Of grey bytes 0 is black and 255 white; left alone, matplotlib stretches each image to its own range.
    limits = {"vmin": 0, "vmax": 255} if image.dtype == np.uint8 else {}
    axes.imshow(image, cmap="gray", **limits)
    axes.axis("off")


def show(figure, title, summary):
    """Show the figure under its title, with the summary as alt text, and print both in one line."""
    # Shown as data with metadata rather than as a figure, because only so does the picture keep its alt text.
    figure.set_layout_engine("constrained")
    figure.suptitle(fill(title, int(11 * figure.get_figwidth())), fontsize=12)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100)
    text = f"{title}: {summary}."
    display(
        {"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": "<figure>"},
        metadata={"image/png": {"alt": text}},
        raw=True,
    )
    print(text)
