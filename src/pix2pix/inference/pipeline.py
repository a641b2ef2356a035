"""The path from an image to an image through a trained generator: what the stage infer, `predict`, `export` and the served model run."""

import torch
from torch import Tensor, nn

from pix2pix.data.colour_planes import LAB_UNIT
from pix2pix.data.lab import rgb8_to_lab, rgb_to_lab
from pix2pix.inference.noise import seed_dropout
from pix2pix.inference.palette import palette_of
from pix2pix.models.build import generator_class
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.models.inference_mode import prepare_for_inference

NO_NOISE = -1  # as the seed: nothing is dropped
_ROWS = 256  # at once, so that a large image's Lab in float64 needs little memory


class ImageToImage(nn.Module):
    """8-bit RGB images -> 8-bit RGB images of the same size: padding, colour planes, generator, and back.

    `inference.sizing` brings an image to the size that the training showed, and the output back.

    Attributes:
        description: what the model is.
        planes: what the generator's input and output are.
    """

    def __init__(self, model: SavedModel, norm: str | None = None, sha256: str = "", licence: str = "unknown") -> None:
        """Prepare a copy of the model's generator.

        Args:
            model: the trained model.
            norm: whose statistics normalise: `batch`, each image's own; `running`, those of the training; None, what fits the training.
            sha256: of the weights' file.
            licence: of the images it was trained on.
        """
        super().__init__()
        settings, network = model.settings, generator_class(model.settings)
        norm = norm or model.norm
        self.generator = prepare_for_inference(model.generator, norm)
        self.noise = seed_dropout(self.generator)
        self.planes = model.planes
        self.description = Description(
            dataset=model.dataset,
            kind=model.kind,
            direction=model.direction,
            size=settings.crop_size,
            levels=network.levels(settings),
            multiple=network.multiple(settings),
            ngf=settings.ngf,
            norm=norm,
            noise=self.noise is not None,
            palette=palette_of(model.dataset, model.direction),
            epochs=model.epochs,
            fit=model.fit,
            resize=model.resize,
            load_size=model.load_size,
            model_sha256=sha256,
            licence=licence,
        )
        self.eval()

    def forward(self, image: Tensor, seed: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 RGB and a seed, (1,) int64, below 0 for no noise -> (N, H, W, 3) uint8 RGB.

        The output for an image depends on nothing else in its batch.
        """
        real_a = self.preprocess(image)
        output = self.postprocess(real_a, self.generate(real_a, seed))
        if not torch.compiler.is_exporting() and output.shape == image.shape:  # in this order: a graph that compares is tied to sizes
            return output
        # by index, like the padding: slices would tie a graph to sizes that need some
        height, width = image.shape[1], image.shape[2]
        return output.index_select(1, torch.arange(height, device=image.device)).index_select(2, torch.arange(width, device=image.device))

    def preprocess(self, image: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 RGB -> real_a, NCHW float32 in [-1, 1], as of a prepared image with these pixels.

        Padded at the right and at the bottom to what the generator can take.
        """
        rgb = reflected(image.permute(0, 3, 1, 2), self.description.multiple)
        real_a = self.planes.split(rgb if self.planes.input == "rgb" else self._stored_lab(rgb))[0]
        # convolutions of another memory format round otherwise
        return real_a if torch.compiler.is_exporting() else real_a.contiguous()

    def generate(self, real_a: Tensor, seed: Tensor | None = None) -> Tensor:
        """real_a, NCHW in [-1, 1], of sizes that the generator can take -> fake_b, NCHW in [-1, 1]."""
        if self.noise is not None:
            # a graph must hold both cases; here nothing is computed for noise that is off
            on = seed is not None and (torch.compiler.is_exporting() or int(seed) >= 0)
            self.noise.seed = seed if on else None
        fake_b: Tensor = self.generator(real_a)
        return fake_b

    def postprocess(self, real_a: Tensor, fake_b: Tensor) -> Tensor:
        """Input and output of the generator, NCHW in [-1, 1] -> (N, H, W, 3) uint8 RGB."""
        return self.planes.output_rgb(real_a, fake_b)

    def _stored_lab(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> the input's planes in whole hundredths, as the stage prepare stores them."""
        if torch.compiler.is_exporting():
            lab = (rgb_to_lab(rgb.float() / 255) * LAB_UNIT).round()  # float32, which every runtime has; rarely a hundredth off
        else:
            lab = torch.cat([(rgb8_to_lab(part) * LAB_UNIT).round().float() for part in torch.split(rgb, _ROWS, dim=2)], dim=2)
        return lab if self.planes.input == "L" else torch.cat([lab[:, 1:], lab[:, :1]], dim=1)


def reflected(image: Tensor, multiple: int) -> Tensor:
    """(N, C, H, W) with its right and lower border mirrored, without the edge itself, up to multiples of `multiple` pixels.

    By index, as `F.pad` takes no padding wider than the image, nor one that a graph works out. Where even the mirrored image ends,
    its last pixel goes on.
    """
    height, width = image.shape[2], image.shape[3]
    if not torch.compiler.is_exporting() and height % multiple == width % multiple == 0:
        return image
    return image.index_select(2, _mirrored(height, multiple, image.device)).index_select(3, _mirrored(width, multiple, image.device))


def _mirrored(length: int, multiple: int, device: torch.device) -> Tensor:
    """0, 1, …, n-1, n-2, …, 1, 0, 0, …: as many as the next multiple."""
    place = torch.arange((length + multiple - 1) // multiple * multiple, device=device)
    return ((length - 1) - (length - 1 - place).abs()).clamp(min=0)
