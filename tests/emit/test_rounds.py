"""Statements of a forward as loops."""

from archlang.emit.rounds import looped, mentioned
from archlang.emit.statements import Block


def test_three_like_statements_are_a_loop_and_reach_their_members_by_number():
    statements, reached = looped([f"x = self.conv{n}(x)" for n in (1, 2, 3)])
    assert statements == [Block("for i in range(1, 4)", ('x = getattr(self, f"conv{i}")(x)',))]
    assert reached == {"conv1", "conv2", "conv3"}


def test_a_member_that_is_also_named_outside_of_the_loop_is_not_reached_by_loops_alone():
    _, reached = looped([*(f"x = self.conv{n}(x)" for n in (1, 2, 3)), "y = self.conv2(z)"])
    assert reached == {"conv1", "conv3"}


def test_a_kept_tensor_gets_a_second_name_where_a_loop_begins_with_it():
    statements, _ = looped(["kept = F.relu(x)", "x = self.u1(kept)", "x = self.u2(x)", "x = self.u3(x)"])
    assert statements[0] == "x = kept = F.relu(x)"
    assert len(statements) == 2


def test_a_statement_that_reads_the_kept_tensor_and_the_one_it_overwrites_begins_no_loop():
    before = ["kept = F.relu(x)", "x = self.u1(kept) + x", "x = self.u2(x) + x", "x = self.u3(x) + x"]
    assert looped(before)[0] == before


def test_a_kept_tensor_keeps_its_one_name_where_no_loop_follows():
    before = ["kept = F.relu(x)", "x = self.u1(kept)", "x = self.u2(x)", "x = F.relu(x)"]
    assert looped(before)[0] == before


def test_members_of_different_kinds_stand_in_no_loop_together():
    kinds = {"conv1": "nn.Conv2d"}
    statements, reached = looped([f"x = self.conv{n}(x)" for n in (1, 2, 3, 4)], kinds=kinds)
    assert statements == ["x = self.conv1(x)", Block("for i in range(2, 5)", ('x = getattr(self, f"conv{i}")(x)',))]
    assert reached == {"conv2", "conv3", "conv4"}


def test_three_statements_of_a_round_that_go_on_by_one_number_are_a_loop_within_the_loop():
    round_ = [[f"x = self.conv{at + n}(x)" for n in range(3)] for at in (1, 4)]
    statements, _ = looped([*round_[0], "x = pool(x)", *round_[1], "x = pool(x)"])
    inner = Block("for j in range(i, i + 3)", ('x = getattr(self, f"conv{j}")(x)',))
    assert statements == [Block("for i in range(1, 5, 3)", (inner, "x = pool(x)"))]


def test_a_round_that_holds_a_tensor_called_j_has_no_loop_within():
    round_ = [[f"x = self.conv{at + n}(x) + j" for n in range(3)] for at in (1, 4)]
    statements, _ = looped([*round_[0], "x = pool(x)", *round_[1], "x = pool(x)"])
    assert all(isinstance(one, str) for one in statements[0].body)


def test_a_member_in_a_loop_within_a_loop_is_mentioned():
    assert mentioned(Block("for i in range(2)", (Block("for j in range(3)", ("x = self.conv4(x)",)),))) == {"conv4"}
