"""An enterprise's records keep their order, and its codes their number, however often it moves."""

from random import Random

import pytest
from aiokafka.partitioner import murmur2
from pydantic import ValidationError

from connectors.audit.generations import Generations as Auditor
from schemas.generations import Cut, Generation, Generations, JournalGenerations
from schemas.topics import JOURNAL


def partition_of(key: str, count: int) -> int:
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % count)


def a_history(seed: int) -> tuple[JournalGenerations, list[tuple[int, int, str]]]:
    """Generations of random sizes, and every record: partition, offset, key, as it was appended."""
    rng, ends = Random(seed), dict[int, int]()
    keys = [f"91120116MA{number:08}" for number in range(20)]
    first = partitions = rng.randint(1, 4)
    told, records = JournalGenerations(first=first), []
    for _ in range(rng.randint(1, 4)):
        for _ in range(rng.randint(0, 120)):
            key = rng.choice(keys)
            number = partition_of(key, partitions)
            records.append((number, ends.get(number, 0), key))
            ends[number] = ends.get(number, 0) + 1
        partitions += rng.randint(1, 5)
        cuts = tuple(Cut(journal=ends.get(n, 0), decided=0) for n in range(partitions))
        growing = Generation(cuts=cuts)
        told = told.model_copy(update={"growing": growing}).grown()
    return told, records


@pytest.mark.parametrize("seed", range(20))
def test_later_records_of_an_enterprise_stand_later_and_its_codes_keep_their_number(seed: int):
    told, records = a_history(seed)
    generations, last, shards = Generations(told, partition_of), dict[str, int](), {}

    for partition, offset, key in records:
        source = generations.source(JOURNAL, partition, offset, key)
        assert source.rank > last.get(key, -1)
        assert generations.belongs(key, partition, offset)
        assert shards.setdefault(key, source.shard) == source.shard
        assert partition in generations.partitions_of(key)
        assert generations.place(key, source.rank) == (partition, offset)
        last[key] = source.rank


@pytest.mark.parametrize("seed", range(20))
def test_the_auditor_finds_every_record_by_its_place_in_that_order(seed: int):
    told, records = a_history(seed)
    generations = Generations(told, partition_of)
    auditor = Auditor(told.first, [[(c.journal, c.decided) for c in g.cuts] for g in told.later])

    for partition, offset, key in records:
        rank = generations.source(JOURNAL, partition, offset, key).rank
        assert auditor.rank(partition, offset) == rank
        assert auditor.place(key, rank, 0) == (partition, offset)
        assert auditor.fault(key, partition, offset) == ""


def test_a_record_in_another_partition_than_its_generation_s_is_told():
    told = JournalGenerations(first=1, later=(Generation(cuts=(Cut(journal=5, decided=5),) * 3),))
    generations = Generations(told, partition_of)
    key = next(f"{n}" for n in range(99) if partition_of(f"{n}", 3) == 2)

    assert generations.belongs(key, 0, 4)
    assert not generations.belongs(key, 0, 5)
    assert generations.belongs(key, 2, 5)


def test_a_journal_that_never_grew_has_places_as_they_are():
    generations = Generations.only(4, partition_of)

    source = generations.source(JOURNAL, 3, 17, "91120116MA0000003A")

    assert (source.rank, source.shard, source.base, source.home) == (17, 3, 0, None)
    assert generations.earlier() == []


@pytest.mark.parametrize("count", [1, 2])
def test_a_generation_has_more_partitions_than_the_one_before(count: int):
    cuts = (Cut(journal=0, decided=0),) * count

    with pytest.raises(ValidationError, match="more partitions"):
        JournalGenerations(first=2, later=(Generation(cuts=cuts),))
