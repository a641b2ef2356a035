"""A short form of the fuzz campaign."""

import signal
from pathlib import Path

import pytest

from pix2pix.predict.files import read
from tests.fuzz import __main__ as command
from tests.fuzz.campaign import Campaign
from tests.fuzz.images import sound


def test_mutated_images_and_archives_are_read_right_or_refused() -> None:
    campaign = Campaign(seed=1)
    for number in range(40):
        campaign.run(number)
    assert campaign.report.problems == []
    assert campaign.report.counts["images refused"] and campaign.report.counts["archives refused"]


def test_the_sound_images_are_those_of_a_second_decoder(tmp_path: Path) -> None:
    campaign, problems = Campaign(seed=0), {}
    for name, data in sound().items():
        (tmp_path / name).write_bytes(data)
        if name != "tiff-float":  # refused, as its range is not known
            problems[name] = campaign.beside_another(read(tmp_path / name).frames[0], data, name)
    assert {name: problem for name, problem in problems.items() if problem} == {}
    assert campaign.report.counts["images compared with a second decoder"] >= 10


def test_ctrl_c_ends_with_what_was_found_until_then(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(campaign: Campaign, number: int) -> None:
        if number == 3:
            signal.raise_signal(signal.SIGINT)
        campaign.report.counts["images used"] += 1

    monkeypatch.setattr(Campaign, "run", run)
    monkeypatch.setattr(command, "raise_interrupts", lambda: None)  # pytest keeps its own
    monkeypatch.setattr("sys.argv", ["fuzz", "--count", "10"])
    assert command.main() == 130
    assert capsys.readouterr().out.splitlines()[:2] == ["stopped at input 3; of those before it:", "3 images used"]
