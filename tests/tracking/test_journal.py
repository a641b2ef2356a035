from __future__ import annotations

from pathlib import Path

from pix2pix.tracking.journal import Journal, abandoned


def test_a_journal_is_acquired_only_after_its_process_released_it(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, {"dataset": "facades"})
    assert list(abandoned(tmp_path)) == []
    journal.close()
    [again] = abandoned(tmp_path)
    assert again.header["dataset"] == "facades"


def test_what_was_acknowledged_is_not_sent_again_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, {})
    for number in range(3):
        journal.append("tags", values={"n": str(number)})
    journal.acknowledge(journal.next_batch())
    journal.close()
    with (journal.folder / "events.jsonl").open("a") as log:
        log.write('{"kind": "tags", "val')  # killed while writing
    [again] = abandoned(tmp_path)
    again.append("finish", status="FINISHED")
    again.close()
    [complete] = abandoned(tmp_path)
    left = []
    while complete.pending:
        left += complete.next_batch()
        complete.acknowledge(complete.next_batch())
    assert [event.get("values", {}).get("n") for event in left] == ["1", "2", None]
    assert complete.ended


def test_metrics_in_a_row_are_sent_in_requests_of_at_most_a_thousand_values(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, {})
    for step in range(700):
        journal.append("metrics", values={"a": 1.0, "b": 2.0}, step=step, clock=False)
    journal.append("tags", values={})
    sizes = []
    while journal.pending:
        batch = journal.next_batch()
        assert len({event["kind"] for event in batch}) == 1
        sizes.append(sum(len(event["values"]) for event in batch))
        journal.acknowledge(batch)
    assert sizes == [1000, 400, 0]


def test_copies_survive_their_originals_and_go_when_they_are_sent(tmp_path: Path) -> None:
    original = tmp_path / "image.png"
    original.write_bytes(b"pixels")
    journal = Journal.create(tmp_path / "box", {})
    copy = journal.keep_copy(original)
    journal.append("file", copy=copy, folder="")
    original.unlink()
    assert (journal.folder / copy).read_bytes() == b"pixels"
    journal.acknowledge(journal.next_batch())
    assert not (journal.folder / copy).exists()
    journal.remove()
    assert list((tmp_path / "box").iterdir()) == []


def test_the_outbox_is_closed_to_others(tmp_path: Path) -> None:
    Journal.create(tmp_path / "box", {"uri": "http://me:secret@host"}).close()
    assert (tmp_path / "box").stat().st_mode & 0o777 == 0o700
