"""Matplotlib drawings as inline SVG with the page's colours and font, and the same bytes every time."""

from io import StringIO
from xml.etree import ElementTree

import matplotlib.style
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)

WIDTH, HEIGHT = 360, 190  # CSS pixels at natural size
LEFT, BOTTOM, ACROSS, UP = 0.15, 0.14, 0.82, 0.81  # the axes as shares of the drawing: corner, width and height
STYLE = {
    "svg.fonttype": "none",  # keep text as text elements
    "svg.hashsalt": "pix2pix",  # derive ids from the content, not at random
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib; the page's style sheet replaces it
    "font.size": 12.5,
    "text.color": "#000001",
    "xtick.color": "#000001",
    "ytick.color": "#000001",
    "axes.edgecolor": "#000002",
    "grid.color": "#000002",
}
# Placeholder colour -> CSS variable of the page (light or dark), with a fallback for a drawing outside the page
PAGE_COLOURS = {
    "#000001": "var(--soft, #7a8087)",
    "#000002": "var(--rule, #a9adb2)",
    "#000011": "var(--series-1, #3f8fbf)",
    "#000012": "var(--series-2, #cf7c3c)",
    "#000013": "var(--series-3, #7d9f4c)",
}
SERIES = ("#000011", "#000012", "#000013")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)))  # line styles and markers, to tell series apart without colour
MARKERS = ("o", "s", "^")


def new_axes() -> tuple[Figure, Axes]:
    """Return an empty figure of 360 x 190 px whose axes have a base line, faint horizontal grid lines and tick labels only."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        # Fixed margins: a tight layout would depend on the machine's fonts.
        axes = figure.add_axes((LEFT, BOTTOM, ACROSS, UP))
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.tick_params(length=0, pad=5)
        axes.grid(axis="y", linewidth=1)
        axes.set_axisbelow(True)
    return figure, axes


def inline_svg(figure: Figure, *, name: str, label: str) -> Markup:
    """Return the drawing as an `svg` element for an HTML page.

    Args:
        figure: from `new_axes`.
        name: prefix of every id, unique in the page: letters, digits and `-`. Two drawings in a page must not share an id.
        label: text alternative, for screen readers.
    """
    buffer = StringIO()
    with matplotlib.style.context(["default", STYLE]):
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(buffer.getvalue().encode())
    for tag in ("metadata", "defs"):
        for child in root.findall(f"{{{SVG}}}{tag}"):
            # The first `defs` is matplotlib's style sheet, which would apply to the whole page; the second holds clipping paths.
            if tag == "metadata" or child.find(f"{{{SVG}}}style") is not None:
                root.remove(child)
    for element in root.iter():
        _make_the_pages_own(element, name)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib.update({"class": "chart", "role": "img", "aria-label": label})
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _make_the_pages_own(element: ElementTree.Element, name: str) -> None:
    for attribute, value in element.attrib.items():
        if attribute == "id":
            value = f"{name}-{value}"
        elif attribute == f"{{{XLINK}}}href":
            value = value.replace("#", f"#{name}-")
        elif attribute in ("style", "clip-path"):
            for stand_in, colour in PAGE_COLOURS.items():
                value = value.replace(stand_in, colour)
            value = value.replace("url(#", f"url(#{name}-")
        element.set(attribute, value)
