"""Matplotlib drawings as SVG that belongs to the page: its colours, its font, the same bytes every time."""

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
STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "pix2pix",  # ids from the content, not from a random number
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib; the page's own style sheet puts its font in its place
    "font.size": 12.5,
    "text.color": "#000001",
    "xtick.color": "#000001",
    "ytick.color": "#000001",
    "axes.edgecolor": "#000002",
    "grid.color": "#000002",
}
# Stand-ins in the drawing for colours that the page chooses, in light and in dark, with a mid-tone for a drawing cut out of it.
PAGE_COLOURS = {
    "#000001": "var(--soft, #7a8087)",
    "#000002": "var(--rule, #a9adb2)",
    "#000011": "var(--series-1, #3f8fbf)",
    "#000012": "var(--series-2, #cf7c3c)",
    "#000013": "var(--series-3, #7d9f4c)",
}
SERIES = ("#000011", "#000012", "#000013")
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)))  # distinct without colour too


def new_axes() -> tuple[Figure, Axes]:
    """An empty drawing of 360 x 190 px with calm axes: a base line, faint horizontal rules, tick labels and nothing else."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        # Fixed margins: a layout fitted to the text would depend on the fonts of the machine.
        axes = figure.add_axes((0.15, 0.14, 0.82, 0.81))
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.tick_params(length=0, pad=5)
        axes.grid(axis="y", linewidth=1)
        axes.set_axisbelow(True)
    return figure, axes


def inline_svg(figure: Figure, *, name: str, label: str) -> Markup:
    """The drawing as an `svg` element for an HTML page.

    Args:
        figure: from `new_axes`.
        name: unique in the page, letters, digits and `-`; put before every id, for two drawings in one page must not share any.
        label: the text alternative, for screen readers.
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
