"""Which piece of a text the index is asked for."""

from app.reading.pieces import pieces, rarest


def test_a_piece_is_a_word_with_what_stands_beside_it() -> None:
    assert pieces("addon_277/models") == ["addon_", "_277/", "/models"]
    assert pieces("a b éé'") == [" éé'"]
    assert pieces("") == []


def test_the_rarest_piece_is_asked_for_where_others_are_common() -> None:
    sample = [f"/opt/addon_{number}/models/thing.py" for number in range(100)]
    assert rarest("addon_27/models", sample) == "_27/"
    assert rarest("addon_277/models", sample) == "_277/"  # none of the sample has it
    assert rarest("models/nobody_ever", sample) == "/nobody_"  # two that none has: the longer one
    assert rarest("zebra crossing", sample) == "zebra crossing"  # all are rare
    assert rarest("thing.py", sample) == "thing.py"  # none is
    assert rarest("thing.py", []) == "thing.py"
    assert rarest("%_", sample) == "%_"
