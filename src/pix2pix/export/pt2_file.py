"""A graph as a PT2 archive, PyTorch's own."""

import io
import json
import warnings

import torch
from torch.export import ExportedProgram

from pix2pix.inference.backends import METADATA_FILE
from pix2pix.inference.description import Description


def pt2_archive(program: ExportedProgram, description: Description) -> bytes:
    """The archive's bytes, the same on every run; its description lies in it as `pix2pix.json`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No complete tensor found")  # the file is compared with the model afterwards
        torch.export.save(program, buffer, extra_files={METADATA_FILE: json.dumps(description.as_metadata(), indent=1)})
    return buffer.getvalue()
