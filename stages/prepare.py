"""Turn the images of a dataset's archive into prepared images: resized, and cut into pairs or converted to Lab."""

from pix2pix.config.settings import Settings
from pix2pix.system.terminal import say
from stages import paths, run


def prepare(settings: Settings) -> None:
    """Write data/prepared/<dataset>: a folder of packed images for each split, and skipped.json."""
    from pix2pix.prepare.archive import prepare_archive

    images, done = prepare_archive(
        paths.raw(settings.dataset),
        paths.prepared(settings.dataset),
        settings.prepare,
        root=paths.root(),
        kind=settings.kind,
        direction=settings.direction,
        eval_split=settings.eval_split,
    )
    for note in done.notes:
        say(f"{settings.dataset}: {note}")
    say(f"{settings.dataset}: {images} images prepared. {done.files.line()}")


if __name__ == "__main__":
    run(prepare)
