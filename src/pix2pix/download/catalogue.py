"""The catalogue of published datasets: addresses, layout, sizes and terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

_BERKELEY = (
    "https://efrosgans.eecs.berkeley.edu/pix2pix/datasets/{name}.tar.gz",
    "https://people.eecs.berkeley.edu/~tinghuiz/projects/pix2pix/datasets/{name}.tar.gz",
    "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/{name}.tar.gz",
)
_PAIRS = "{name}/<split>/*.jpg, one image twice as wide as high, A on the left and B on the right"
_COLOUR = "{name}_resized/<split>/*.jpg, one colour image a file"
_GIB = 1 << 30


@dataclass(frozen=True)
class PublishedSet:
    """One published dataset.

    kind: `pairs` (A and B side by side) or `lab` (colour images). mirrors: addresses of the archive, tried in turn; empty where it has no
    public address, and `by_hand` then says how to get it (`{key}` stands for the parameter that names the source).
    archive: its file name. bytes, sha256: size and digest of the archive, None where unknown; about_bytes: its size to two digits, as its
    server lists it, where the exact one is unknown. layout: where the images lie in it. splits: number of images in each of its folders,
    under the archive's own names. photo: the side that is a photograph. direction: the one usual in the literature. image_size: width and
    height of one side in pixels. licence: the terms that apply, in a sentence.
    """

    name: str
    title: str
    kind: Literal["pairs", "lab"]
    archive: str
    splits: Mapping[str, int]
    photo: Literal["A", "B", "both"]
    direction: Literal["AtoB", "BtoA"]
    image_size: tuple[int, int]
    licence: str
    citation: str
    homepage: str
    mirrors: tuple[str, ...] = ()
    bytes: int | None = None
    about_bytes: int | None = None
    sha256: str | None = None
    by_hand: str = ""

    @property
    def layout(self) -> str:
        """Where the images lie in the archive."""
        return (_PAIRS if self.kind == "pairs" else _COLOUR).format(name=self.name)


def _pairs(name: str, *, image_size: tuple[int, int] = (256, 256), **known: Any) -> PublishedSet:
    """A dataset that the authors of pix2pix published."""
    mirrors = tuple(mirror.format(name=name) for mirror in _BERKELEY)
    return PublishedSet(name=name, kind="pairs", archive=f"{name}.tar.gz", mirrors=mirrors, image_size=image_size, **known)


def _colour(name: str, **known: Any) -> PublishedSet:
    """A dataset to be coloured, which has no public address."""
    archive = f"{name}_resized.zip"
    return PublishedSet(name=name, kind="lab", archive=archive, splits={}, photo="B", direction="AtoB", image_size=(256, 256), **known)


_SETS = (
    _pairs(
        "facades",
        title="CMP facades: label map and photo of 606 house fronts",
        bytes=30_168_306,
        splits={"train": 400, "val": 100, "test": 106},
        photo="A",
        direction="BtoA",
        licence="Research data of the Center for Machine Perception, Prague; no licence is stated: cite it, and ask before other use.",
        citation="R. Tyleček, R. Šára: Spatial Pattern Templates for Recognition of Objects with Regular Structure. GCPR 2013.",
        homepage="https://cmp.felk.cvut.cz/~tylecr1/facade/",
    ),
    _pairs(
        "cityscapes",
        title="Cityscapes: street scenes and their semantic labels",
        bytes=103_441_232,
        splits={"train": 2975, "val": 500},
        photo="A",
        direction="BtoA",
        licence="Cityscapes' own terms: non-commercial research and teaching, no redistribution; register at its homepage.",
        citation="M. Cordts et al.: The Cityscapes Dataset for Semantic Urban Scene Understanding. CVPR 2016.",
        homepage="https://www.cityscapes-dataset.com/",
    ),
    _pairs(
        "maps",
        title="Maps: aerial photo and street map of the same place",
        bytes=250_242_400,
        splits={"train": 1096, "val": 1098},
        photo="A",
        direction="AtoB",
        image_size=(600, 600),
        licence="Taken from Google Maps; Google's terms apply, no licence comes with it: for research only.",
        citation="P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros: Image-to-Image Translation with Conditional Adversarial Networks. CVPR 2017.",
        homepage="https://phillipi.github.io/pix2pix/",
    ),
    _pairs(
        "edges2shoes",
        title="Edges to shoes: HED edges and photo of 50,000 shoes",
        about_bytes=2 * _GIB,
        splits={"train": 49_825, "val": 200},
        photo="B",
        direction="AtoB",
        licence="UT Zappos50K: academic, non-commercial use; the photos are Zappos.com's.",
        citation="A. Yu, K. Grauman: Fine-Grained Visual Comparisons with Local Learning. CVPR 2014. Edges: S. Xie, Z. Tu: HED. ICCV 2015.",
        homepage="https://vision.cs.utexas.edu/projects/finegrained/utzap50k/",
    ),
    _pairs(
        "edges2handbags",
        title="Edges to handbags: HED edges and photo of 137,000 handbags",
        about_bytes=8 * _GIB,
        splits={"train": 138_567, "val": 200},
        photo="B",
        direction="AtoB",
        licence="Product photos from Amazon, collected for research by the iGAN project; no licence comes with them.",
        citation="J.-Y. Zhu, P. Krähenbühl, E. Shechtman, A. A. Efros: Generative Visual Manipulation on the Natural Image Manifold. "
        "ECCV 2016. Edges: S. Xie, Z. Tu: HED. ICCV 2015.",
        homepage="https://github.com/junyanz/iGAN",
    ),
    _pairs(
        "night2day",
        title="Night to day: the same webcam's view at two hours",
        about_bytes=19 * _GIB // 10,
        splits={"train": 17_823, "val": 10, "test": 2287},
        photo="both",
        direction="AtoB",
        licence="Transient Attributes: webcam images collected for research; no licence comes with them.",
        citation="P.-Y. Laffont, Z. Ren, X. Tao, C. Qian, J. Hays: Transient Attributes for High-Level Understanding and Editing of "
        "Outdoor Scenes. ACM Transactions on Graphics 33(4), 2014.",
        homepage="http://transattr.cs.brown.edu/",
    ),
    _colour(
        "food",
        title="Food: dishes to be coloured",
        licence="As of the images you bring. Food-101's are Foodspotting's: scientific fair use only.",
        citation="L. Bossard, M. Guillaumin, L. Van Gool: Food-101 - Mining Discriminative Components with Random Forests. ECCV 2014.",
        homepage="https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101/",
        by_hand="food has no public home: its archive food_resized.zip is passed on by hand. It must hold colour images as "
        "food_resized/{{train,val}}/*.jpg. Give it as -S {key}=/path/to/food_resized.zip (a folder of that layout, or any folder of colour "
        "images, works too). The public Food-101 (5 GB) can stand in, split by its own lists: "
        "-S {key}=http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz",
    ),
    _colour(
        "anime",
        title="Anime: drawings to be coloured",
        licence="As of the images you bring.",
        citation="P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros: Image-to-Image Translation with Conditional Adversarial Networks. CVPR 2017.",
        homepage="https://github.com/affinelayer/pix2pix-tensorflow",
        by_hand="anime has no public home: its archive anime_resized.zip is passed on by hand. It must hold colour images as "
        "anime_resized/{{train,val}}/*.jpg. Give it as -S {key}=/path/to/anime_resized.zip. Any folder of colour images can stand in: "
        "-S {key}=/path/to/folder",
    ),
)

CATALOG: Mapping[str, PublishedSet] = MappingProxyType({published.name: published for published in _SETS})
