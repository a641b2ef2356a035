"""The inference pipeline around a trained generator, which the stage infer, `predict`, `export` and the served model run."""

import torch
from torch import Tensor, nn

from pix2pix.data.colour_planes import LAB_UNIT
from pix2pix.data.lab import rgb8_to_lab, rgb_to_lab
from pix2pix.inference.noise import seed_dropout
from pix2pix.models.build import generator_class
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.models.inference_mode import prepare_for_inference

NO_NOISE = -1  # as the seed: no dropout
_ROWS = 256  # rows at once: bounds the memory of Lab in float64


class ImageToImage(nn.Module):
    """8-bit RGB images -> 8-bit RGB images of the same size: pads, converts to colour planes, generates, and converts back to RGB.

    It does not resize: `inference.sizing` resizes images to the training size, and outputs back.

    Attributes:
        description: the model's description.
        planes: colour planes of the generator's input and output.
    """

    def __init__(self, model: SavedModel, norm: str | None = None, sha256: str = "", licence: str = "unknown") -> None:
        """Prepare a copy of the model's generator.

        Args:
            model: the trained model.
            norm: normalisation statistics: `batch`, of each image by itself; `running`, of the training; None, `model.norm`.
            sha256: of the weights file.
            licence: of the training images.
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
            palette=model.palette,
            epochs=model.epochs,
            fit=model.fit,
            resize=model.resize,
            load_size=model.load_size,
            model_sha256=sha256,
            licence=licence,
        )
        self.eval()

    def forward(self, image: Tensor, seed: Tensor) -> Tensor:
        """Generate: image (N, H, W, 3) uint8 RGB -> (N, H, W, 3) uint8 RGB. seed: (1,) int64; below 0, no noise.

        The output for an image does not depend on the rest of its batch.
        """
        real_a = self.preprocess(image)
        output = self.postprocess(real_a, self.generate(real_a, seed))
        if not torch.compiler.is_exporting() and output.shape == image.shape:  # the comparison would tie a graph to a size
            return output
        # index_select, as in the padding: slices would tie an exported graph to sizes that need cropping
        height, width = image.shape[1], image.shape[2]
        return output.index_select(1, torch.arange(height, device=image.device)).index_select(2, torch.arange(width, device=image.device))

    def preprocess(self, image: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 RGB -> real_a, NCHW float32 in [-1, 1], the same values as for a prepared image.

        Reflection-padded at the right and bottom to multiples of `description.multiple`.
        """
        rgb = reflected(image.permute(0, 3, 1, 2), self.description.multiple)
        real_a = self.planes.split(rgb if self.planes.input == "rgb" else self._stored_lab(rgb))[0]
        # convolutions round differently in another memory format
        return real_a if torch.compiler.is_exporting() else real_a.contiguous()

    def generate(self, real_a: Tensor, seed: Tensor | None = None) -> Tensor:
        """real_a, NCHW in [-1, 1], sides multiples of `description.multiple` -> fake_b, NCHW in [-1, 1]. seed None: no noise."""
        if self.noise is not None:
            # an exported graph has both cases; here, noise that is off costs nothing
            on = seed is not None and (torch.compiler.is_exporting() or int(seed) >= 0)
            self.noise.seed = seed if on else None
        fake_b: Tensor = self.generator(real_a)
        return fake_b

    def postprocess(self, real_a: Tensor, fake_b: Tensor) -> Tensor:
        """real_a and fake_b, NCHW in [-1, 1] -> the output (N, H, W, 3) uint8 RGB."""
        return self.planes.output_rgb(real_a, fake_b)

    def _stored_lab(self, rgb: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> (N, 3, H, W) Lab, the input's planes first, in whole hundredths as the stage prepare stores them."""
        if torch.compiler.is_exporting():
            lab = (rgb_to_lab(rgb.float() / 255) * LAB_UNIT).round()  # float32, as every runtime has it; rarely differs, by one hundredth
        else:
            lab = torch.cat([(rgb8_to_lab(part) * LAB_UNIT).round().float() for part in torch.split(rgb, _ROWS, dim=2)], dim=2)
        return lab if self.planes.input == "L" else torch.cat([lab[:, 1:], lab[:, :1]], dim=1)


def reflected(image: Tensor, multiple: int) -> Tensor:
    """Reflection-pad (N, C, H, W) at the right and bottom, so that H and W are multiples of `multiple`.

    Uses index_select: `F.pad` does not accept a padding wider than the image, or one that an exported graph computes. Beyond the
    reflection, the first row or column is repeated.
    """
    height, width = image.shape[2], image.shape[3]
    if not torch.compiler.is_exporting() and height % multiple == width % multiple == 0:
        return image
    return image.index_select(2, _mirrored(height, multiple, image.device)).index_select(3, _mirrored(width, multiple, image.device))


def _mirrored(length: int, multiple: int, device: torch.device) -> Tensor:
    """Indices 0, 1, …, n-1, n-2, …, 1, 0, 0, … with n = `length`, up to the next multiple of `multiple`."""
    place = torch.arange((length + multiple - 1) // multiple * multiple, device=device)
    return ((length - 1) - (length - 1 - place).abs()).clamp(min=0)
