"""The validated params.yaml: its sections, its rows, and how both resolve to the settings of one dataset."""

from dataclasses import dataclass, fields, is_dataclass
from types import SimpleNamespace
from typing import Any

from pix2pix.config.constraints import Doc, FromRow, annotations, find
from pix2pix.config.settings import Settings
from pix2pix.config.validate import Rows

SECTIONS: dict[str, Any] = {field.name: field.type for field in fields(Settings) if is_dataclass(field.type)}


def keys(kind: type) -> dict[str, Any]:
    """Key -> annotation for the fields of a settings dataclass that are keys of params.yaml outside its rows.

    `FromRow` keys also allow null."""
    found = {}
    for name, annotation in annotations(kind).items():
        row = find(annotation, FromRow)
        if find(annotation, Doc) and not (row and row.alone):
            found[name] = annotation | None if row else annotation
    return found


def row_keys(table: str) -> dict[str, Any]:
    """Key -> annotation for the keys of a row of `table`: datasets, scales or recipes."""
    everything = [item for kind in (Settings, *SECTIONS.values()) for item in annotations(kind).items()]
    return {name: annotation for name, annotation in everything if (row := find(annotation, FromRow)) and row.table == table}


# the schema of params.yaml, for `validate.check`
WANTED = {
    **keys(Settings),
    **{name: keys(section) for name, section in SECTIONS.items()},
    "datasets": Rows(row_keys("datasets"), optional=("licence",)),
    "scales": Rows(Rows(row_keys("scales"))),
    "recipes": Rows(Rows(row_keys("recipes"))),
}
Row = SimpleNamespace  # its attributes are `row_keys`


@dataclass(frozen=True)
class ParamsFile:
    """The content of params.yaml. `sections` maps section -> key -> value; None means that a row gives the value."""

    scale: str
    recipe: str
    active: tuple[str, ...]
    seed: int
    sections: dict[str, dict[str, Any]]
    datasets: dict[str, Row]
    scales: dict[str, dict[str, Row]]
    recipes: dict[str, dict[str, Row]]

    @classmethod
    def of(cls, values: dict[str, Any]) -> "ParamsFile":
        """Build it from values that `validate.check` has accepted."""
        return cls(
            **{name: values[name] for name in keys(Settings)},
            sections={name: values[name] for name in SECTIONS},
            datasets={name: Row(**{"licence": None, **row}) for name, row in values["datasets"].items()},
            scales={scale: {name: Row(**row) for name, row in rows.items()} for scale, rows in values["scales"].items()},
            recipes={recipe: {scale: Row(**row) for scale, row in rows.items()} for recipe, rows in values["recipes"].items()},
        )

    def resolve(self, dataset: str) -> Settings:
        """Settings of one dataset, with each null of a `FromRow` key replaced by the value in the rows that apply.

        The rows must be there (`rules.missing_rows`)."""
        applying = (self.datasets[dataset], self.scales[self.scale][dataset], self.recipes[self.recipe][self.scale])
        rows = {key: value for row in applying for key, value in vars(row).items()}
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
            **{key: rows[key] for key in ("kind", "direction", "eval_split", "licence", "source")},
            **{name: section(**filled[name]) for name, section in SECTIONS.items()},
        )
