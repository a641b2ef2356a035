"""Check the whole of params.yaml before anything is done with it, and write the guide to data/."""

from pix2pix.config.settings import Settings
from pix2pix.system.atomic_write import write_text
from stages import paths, run_all

GUIDE = """# What lies here

Made by the pipeline; `dvc repro` makes it again. Git keeps `metrics/*.json` only, DVC keeps the rest.

| folder | what |
|---|---|
| raw/ | each dataset's archive as it came, and where it came from |
| prepared/ | its images, resized and packed; `skipped.json` lists files that could not be used |
| models/ | the trained generator: `generator.safetensors` and `model.json` |
| history/ | losses of each epoch |
| samples/ | what the generator made of the same few images as training went |
| predictions/ | its output for every image of the evaluation split; open `index.html` |
| metrics/ | measurements: of the set (`.json`) and of each image (`.csv`) |
| evaluation/ | the same measurements beside those of trivial answers |
| export/ | the generator as one file for other programs, `model.onnx`, and the model card `README.md` |
| report/ | open `index.html`: everything in one page |
"""


def check(active: list[Settings]) -> None:
    """Reaching this place means that every key is sound; downloads wait for the guide, so that mistakes are told first."""
    write_text(paths.GUIDE, GUIDE)


if __name__ == "__main__":
    run_all(check)
