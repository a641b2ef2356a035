import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pix2pix.errors import UserError
from pix2pix.summary.curves import epochs, training_curves

HEADER = "epoch,loss_g_gan,loss_g_l1,loss_d_real,loss_d_fake,val_l1,lr\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "history.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_kind_of_number_gets_a_panel_with_its_last_and_lowest_value(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "1,1,30,0.5,0.6,0.3,0.0002\n2,1.1,20,0.4,0.5,0.1,0.0002\n3,1.2,10,0.3,0.4,0.2,0.0001\n")
    validation, training, adversarial, rate = training_curves(path, name="a")
    assert [curve.title for curve in (validation, training, adversarial)] == [
        "Validation L1 loss",
        "Training L1 loss",
        "Adversarial losses",
    ]
    assert [line.label for line in adversarial.series] == ["G (GAN)", "D (real)", "D (fake)"]
    assert (validation.series[0].last, validation.series[0].lowest, validation.series[0].lowest_epoch) == (0.2, 0.1, 2)
    assert [line.last for line in adversarial.series] == [1.2, 0.3, 0.4]
    assert training.series[0].last == 10
    assert rate.series[0].last == 0.0001


def test_an_epochs_place_is_where_each_line_has_its_marker(tmp_path: Path) -> None:
    path = write(tmp_path, "epoch,loss_g_gan,loss_d_real,loss_d_fake\n1,1,2,3\n2,1,2,3\n5,1,,3\n")
    [curve] = training_curves(path, name="a")
    drawing, svg = ElementTree.fromstring(curve.svg), "{http://www.w3.org/2000/svg}"
    colours = ("series-1", "series-2", "series-3")
    marked = [[used for used in drawing.iter(f"{svg}use") if colour in used.get("style", "")] for colour in colours]
    width = float(drawing.attrib["viewBox"].split()[2])
    for line, uses in zip(curve.series, marked, strict=True):
        expected = [epoch.place for epoch, value in zip(epochs(path), line.by_epoch, strict=True) if value is not None]
        assert [float(used.attrib["x"]) / width for used in uses] == pytest.approx(expected, abs=1e-3)
    assert len({uses[0].get("{http://www.w3.org/1999/xlink}href") for uses in marked}) == 3, "each line has a marker of its own"
    assert [epoch.epoch for epoch in epochs(path)] == [1, 2, 5]
    assert [line.by_epoch for line in curve.series] == [(1, 1, 1), (2, 2, None), (3, 3, 3)]


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, "epoch,loss_g_l1,val_l1\n1,30,\n2,20,\n")
    assert [curve.series[0].label for curve in training_curves(path, name="a")] == ["training L1 loss"]
    path = write(tmp_path, "epoch,val_l1\n1,\n2,0.2\n3,nan\n")
    assert training_curves(path, name="a")[0].series[0].last == 0.2


def test_a_further_term_of_the_generators_loss_has_a_panel_and_its_name(tmp_path: Path) -> None:
    drawn = training_curves(write(tmp_path, "epoch,loss_g_l1,loss_g_perceptual,loss_g_edge_map,val_l1\n1,30,0.5,2,0.3\n"), name="a")
    assert [curve.title for curve in drawn] == ["Validation L1 loss", "Training L1 loss", "Perceptual loss", "Edge map loss"]
    assert drawn[-1].series[0].last == 2


def test_a_single_epoch_is_drawn(tmp_path: Path) -> None:
    curves = training_curves(write(tmp_path, HEADER + "1,1,30,0.5,0.6,0.3,0.0002\n"), name="a")
    assert len(curves) == 4
    assert "use" in {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(curves[0].svg).iter()}  # its marker


def test_the_same_history_gives_the_same_bytes_without_date_or_maker(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "".join(f"{e},{1 + e / 7},{30 / e},0.5,0.6,{0.3 / e},0.0002\n" for e in range(1, 201)))
    first, second = ([curve.svg for curve in training_curves(path, name="a")] for _ in range(2))
    assert first == second
    assert not re.search(r"metadata|Matplotlib v|20\d\d-\d\d", "".join(first))


def test_drawings_share_no_ids_and_refer_only_to_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "1,1,30,0.5,0.6,0.3,0.0002\n2,1.1,20,0.4,0.5,0.1,0.0002\n")
    drawings = [curve.svg for name in ("a", "b") for curve in training_curves(path, name=name)]
    ids = [name for drawing in drawings for name in re.findall(r'\bid="([^"]+)"', drawing)]
    assert len(ids) == len(set(ids))
    for drawing in drawings:
        own = set(re.findall(r'\bid="([^"]+)"', drawing))
        assert set(re.findall(r'(?:url\(|href=")#([^")]+)', drawing)) <= own


def test_colours_are_the_pages_and_no_style_sheet_leaks_into_it(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "1,1,30,0.5,0.6,0.3,0.0002\n2,1.1,20,0.4,0.5,0.1,0.0002\n")
    for curve in training_curves(path, name="a"):
        assert "<style" not in curve.svg
        assert "#0000" not in curve.svg
        assert "var(--series-1" in curve.svg
        assert 'role="img"' in curve.svg


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not enough values"),
        (HEADER, "is no history of a training"),
        ("loss_g_l1\n1\n", "'epoch'"),
        ("epoch,val_l1\n1,abc\n", "could not convert string to float: 'abc'"),
        ("epoch,val_l1\n1,2\n1\n", "is no history of a training"),
        ("epoch,val_l1\n,0.1\n", "an epoch is no whole number"),
        ('epoch\n"1', "is no history of a training"),
    ],
)
def test_a_damaged_history_is_refused_with_its_place(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UserError, match=re.escape(reason)) as error:
        training_curves(write(tmp_path, text), name="a")
    assert "history.csv" in str(error.value) and "run the training again" in str(error.value)


def test_a_missing_history_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.csv cannot be read \(No such file or directory\)"):
        training_curves(tmp_path / "nowhere.csv", name="a")
