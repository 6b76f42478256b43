"""Records: equal and hashed by their fields, entities by themselves alone."""

from __future__ import annotations

from dataclasses import field, replace

from archlang.record import entity, record


@record
class Pair:
    one: int
    other: int = 0
    seen: str = field(default="", compare=False)


@record
class Single:
    one: int


@record
class Empty:
    pass


@entity
class Place:
    x: int


def test_records_of_one_kind_are_equal_where_their_fields_are():
    assert Pair(1, 2) == Pair(1, 2) != Pair(1, 3)
    assert len({Pair(1, 2), Pair(1, 2), Pair(2, 1)}) == 2
    assert Single(1) == Single(1) != Single(2)
    assert Empty() == Empty()
    assert len({Empty(), Empty()}) == 1


def test_a_field_left_out_of_comparison_changes_neither_equality_nor_hash():
    assert Pair(1, 2, "here") == Pair(1, 2, "there")
    assert len({Pair(1, 2, "here"), Pair(1, 2, "there")}) == 1


def test_records_of_two_kinds_are_never_equal():
    assert Single(1) != Pair(1)
    assert Single(1) != 1
    assert len({Single(1), 1}) == 2


def test_a_record_shows_its_fields_and_is_copied_with_others():
    assert repr(replace(Pair(1), other=5)) == "Pair(one=1, other=5, seen='')"


def test_an_entity_is_equal_to_itself_alone():
    place = Place(1)
    assert place == place  # noqa: PLR0124 - that is what is asked
    assert place != Place(1)
