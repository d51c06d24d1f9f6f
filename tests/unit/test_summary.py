"""What several changes come to as one operation: from before the first to after the last."""

from __future__ import annotations

from values import by_pip, converted, from_conda, record

from pipguard.change import Change, Outcome
from pipguard.changes.summary import specs, summed
from pipguard.names import CondaName

NAME = CondaName("alpha")


def came(*dists: tuple[str, str]) -> Outcome:
    return Outcome(installed=dists)


def test_a_dist_counts_as_new_as_another_version_or_as_the_same_again() -> None:
    change = Change(records=(), before=(from_conda("old"), from_conda("same")))
    found = summed([(change, came(("new", "1.0"), ("old", "2.0"), ("same", "1.0")))])
    assert found.installed == (("new", "1.0"), ("old", "2.0"), ("same", "1.0"))
    assert found.replaced == (("old", "1.0"),)
    assert found.renewed == (("same", "1.0"),)


def test_what_was_adopted_and_then_linked_was_there_in_its_version() -> None:
    adopts = Change(records=(), before=(from_conda("alpha", "1.0"),), adopted=(("alpha", "2.0"),))
    links = Change(records=(), before=(by_pip("alpha", "2.0"),))
    assert summed([(adopts, came())]).adopted == (("alpha", "2.0"),)
    both = summed([(adopts, came()), (links, came(("alpha", "2.0")))])
    assert (both.adopted, both.replaced, both.renewed) == ((), (), (("alpha", "2.0"),))


def test_what_goes_and_comes_again_has_not_gone() -> None:
    goes = Change(records=(), before=(from_conda("alpha"),), removed=(("alpha", "1.0"),))
    comes = Change(records=(), before=())
    assert summed([(goes, came())]).removed == (("alpha", "1.0"),)
    assert summed([(goes, came()), (comes, came(("alpha", "1.0")))]).removed == ()


def test_a_change_that_failed_has_removed_what_it_was_to_and_brought_nothing() -> None:
    found = summed([(Change((), (), removed=(("alpha", "1.0"),)), None)])
    assert (found.installed, found.removed) == ((), (("alpha", "1.0"),))


def test_the_later_word_on_a_request_holds() -> None:
    asks = Change(records=(record("alpha"),), before=(), requested={NAME: "alpha >=1"})
    drops = Change(records=(), before=(from_conda("alpha"),), removed_specs=(NAME,))
    assert specs([asks]) == (("alpha >=1",), ())
    assert specs([asks, drops]) == ((), (NAME,))
    assert specs([drops, asks]) == (("alpha >=1",), (NAME,))


def test_what_conda_takes_for_pips_is_no_request_of_conda() -> None:
    item = converted("alpha")
    change = Change(
        records=(item.record,), before=(from_conda("alpha"),), requested={NAME: "alpha"}
    )
    assert specs([change]) == ((), (NAME,))
