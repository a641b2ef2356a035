"""Write the trained generator as one file that other programs and browsers run, and its model card."""

from pix2pix.config.settings import Settings
from pix2pix.system import runtime
from pix2pix.system.terminal import say
from stages import paths, run


def export(settings: Settings) -> None:
    """Write data/export/<dataset>: model.onnx (int8 weights), the card README.md and examples.png. Log the card to the model's run."""
    from pix2pix import tracking
    from pix2pix.export.card import Facts, licence_of, read_evaluation, without_front_matter, write_card
    from pix2pix.export.examples import write_examples
    from pix2pix.export.export import export
    from pix2pix.models.files import load_model

    dataset = settings.dataset
    runtime.select_device(settings.runtime)
    model, sha256 = load_model(paths.model(dataset)), tracking.model_sha256(paths.model(dataset))
    folder = paths.export(dataset)
    licence = licence_of(dataset, settings.source, settings.licence)
    done = export(model, folder / "model.onnx", weights="int8", sha256=sha256, licence=licence)
    say(f"{dataset}: {done.bytes:,} bytes, compared with the model {done.difference}")

    card, images = folder / "README.md", folder / "examples.png"
    write_examples(images, paths.predictions(dataset))
    exported = f"Beside this card: `model.onnx`, with {done.description.weights} weights, {done.difference} from the model itself"
    facts = Facts(read_evaluation(paths.evaluation(dataset)), settings.eval_split, settings.source, exported, [images.name])
    write_card(card, model, done.description, facts)
    drawn = tracking.folder_digest(paths.predictions(dataset))
    with tracking.reopen_for_model(
        dataset, sha256, root=paths.root(), settings=settings.tracking, params=settings.flat(), certain=False, predictions=drawn
    ) as run:
        run.log_card(card, images, without_front_matter(card.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run(export)
