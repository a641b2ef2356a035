"""The validated params.yaml: its sections, its rows, and how both resolve to the settings of one dataset."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pix2pix.config.constraints import Doc, FromRow, annotations, find
from pix2pix.config.rows import DatasetRow, RecipeRow, ScaleRow
from pix2pix.config.settings import Settings
from pix2pix.config.validate import Rows

SECTIONS: dict[str, Any] = {field.name: field.type for field in fields(Settings) if is_dataclass(field.type)}


def keys(kind: type) -> dict[str, Any]:
    """Key -> annotation for the fields of a settings dataclass that are keys of params.yaml. `FromRow` keys also allow null."""
    documented = {name: annotation for name, annotation in annotations(kind).items() if find(annotation, Doc)}
    return {name: annotation | None if find(annotation, FromRow) else annotation for name, annotation in documented.items()}


# the schema of params.yaml, for `validate.check`
WANTED = {
    **keys(Settings),
    **{name: keys(section) for name, section in SECTIONS.items()},
    "datasets": Rows(annotations(DatasetRow), optional=("licence",)),
    "scales": Rows(Rows(annotations(ScaleRow))),
    "recipes": Rows(Rows(annotations(RecipeRow))),
}


@dataclass(frozen=True)
class ParamsFile:
    """The content of params.yaml. `sections` maps section -> key -> value; None means that a row gives the value."""

    scale: str
    recipe: str
    active: tuple[str, ...]
    seed: int
    sections: dict[str, dict[str, Any]]
    datasets: dict[str, DatasetRow]
    scales: dict[str, dict[str, ScaleRow]]
    recipes: dict[str, dict[str, RecipeRow]]

    @classmethod
    def of(cls, values: dict[str, Any]) -> "ParamsFile":
        """Build it from values that `validate.check` has accepted."""
        return cls(
            **{name: values[name] for name in keys(Settings)},
            sections={name: values[name] for name in SECTIONS},
            datasets={name: DatasetRow(**row) for name, row in values["datasets"].items()},
            scales={scale: {name: ScaleRow(**row) for name, row in rows.items()} for scale, rows in values["scales"].items()},
            recipes={recipe: {scale: RecipeRow(**row) for scale, row in rows.items()} for recipe, rows in values["recipes"].items()},
        )

    def resolve(self, dataset: str) -> Settings:
        """Settings of one dataset, with each null of a `FromRow` key replaced by the value in the rows that apply.

        The rows must be there (`rules.missing_rows`)."""
        described, sized = self.datasets[dataset], self.scales[self.scale][dataset]
        rows = {**vars(described), **vars(sized), **vars(self.recipes[self.recipe][self.scale])}
        filled = {
            name: {key: rows[key] if value is None and key in rows else value for key, value in values.items()}
            for name, values in self.sections.items()
        }
        filled["model"]["crop_size"] = filled["prepare"]["crop_size"]
        return Settings(
            dataset=dataset,
            scale=self.scale,
            recipe=self.recipe,
            active=self.active,
            seed=self.seed,
            kind=described.kind,
            direction=described.direction,
            eval_split=described.eval_split,
            licence=described.licence,
            source=sized.source,
            **{name: section(**filled[name]) for name, section in SECTIONS.items()},
        )
