"""One page over all active datasets: measurements, images, curves."""

import json

from pix2pix.config.settings import Settings
from stages import paths, run_all


def report(active: list[Settings]) -> None:
    """Write data/report/index.html."""
    from pix2pix.models.description import describe
    from pix2pix.report.chain import Chain
    from pix2pix.report.page import write_report

    chains = []
    for settings in active:
        dataset = settings.dataset
        model = describe(paths.model(dataset))
        evaluation = json.loads(paths.evaluation(dataset).read_text())
        architecture = model["architecture"]
        chains.append(
            Chain(
                dataset=dataset,
                kind=settings.kind,
                direction=settings.direction,
                metrics=evaluation["metrics"],
                answers=evaluation["answers"],
                intervals=evaluation["intervals"],
                resize=evaluation["resize"],
                caution=evaluation["caution"] or "",
                history=paths.history(dataset),
                per_image=evaluation["images"],
                predictions=paths.predictions(dataset),
                samples=paths.samples(dataset),
                settings={
                    "epochs": model["epochs"],
                    "size in pixels": architecture["crop_size"],
                    "generator": architecture["generator"],
                    "width of its first layer": architecture["ngf"],
                },
                gallery=f"../predictions/{dataset}/index.html",
            )
        )
    page = paths.REPORT / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    write_report(page, chains)
    print(f"open {page}")


if __name__ == "__main__":
    run_all(report)
