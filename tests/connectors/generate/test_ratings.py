"""Ratings follow from the visits of a generated file, and from its seed alone."""

from __future__ import annotations

from collections import Counter

from connectors.generate.ratings import ratings


def test_equal_seeds_give_equal_ratings_and_others_others(lines):
    assert list(ratings(lines, 1)) == list(ratings(lines, 1)) != list(ratings(lines, 2))


def test_each_rating_is_of_a_visit_with_a_result_and_by_the_department_that_told_it(
    lines, accepted
):
    results = {
        (event["data"]["task_id"], event["source"])
        for event in accepted
        if event["type"] == "inspection.result.recorded"
    }

    found = list(ratings(lines, 1))

    assert {(one.task_id, one.dept) for one in found} <= results
    assert {one.stars for one in found} == {1, 2, 3, 4, 5}


def test_about_a_third_of_the_visits_is_rated_and_some_ratings_are_changed(lines, accepted):
    visits = {
        (event["data"]["uscc"], event["data"]["task_id"])
        for event in accepted
        if event["type"] == "inspection.result.recorded"
    }
    times = Counter((one.uscc, one.task_id) for one in ratings(lines, 1))

    assert 0.25 < len(times) / len(visits) < 0.45
    assert set(times.values()) == {1, 2}


def test_lines_that_are_no_result_are_passed_over():
    odd = [b"", b"{", b"[]", b'{"type":"inspection.result.recorded"}',
           b'{"type":"inspection.result.recorded","source":"A","data":{"uscc":1}}',
           b'{"type":"inspection.result.recorded","source":"A","data":{"uscc":"x","task_id":"T"}}',
           ]  # fmt: skip

    assert list(ratings(odd, 1, share=1.0)) == []
