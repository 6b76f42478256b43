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
    before = ["kept = F.relu(x)", "x = self.u1(kept)", "x = self.u2(x)", "x = self.u3(x)"]
    statements, _ = looped([*before, "x = x + kept"])
    assert statements[0] == "x = kept = F.relu(x)"
    assert len(statements) == 3
    assert looped(before)[0][0] == "x = F.relu(x)"  # nobody reads it under its own


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


def test_a_tensor_that_a_round_alone_reads_may_have_another_name_in_the_next():
    round_ = [[f"conv{n} = self.conv{n}(x)", f"x = self.conv{n + 1}(conv{n}) + conv{n}"] for n in (1, 3, 5)]
    statements, _ = looped([one for each in round_ for one in each])
    body = ('conv = getattr(self, f"conv{i}")(x)', 'x = getattr(self, f"conv{i + 1}")(conv) + conv')
    assert statements == [Block("for i in range(1, 6, 2)", body)]


def test_a_tensor_that_is_read_after_its_round_keeps_its_name_and_its_place_outside_of_loops():
    before = [one for n in (1, 3, 5) for one in (f"out{n} = self.conv{n}(x)", f"x = self.conv{n + 1}(out{n})")]
    assert looped([*before, "x = x + out3"])[0] == [*before, "x = x + out3"]
    assert looped(before, after=["torch.cat([out1, x], 1)"])[0][:2] == before[:2]


def test_a_round_that_reads_what_the_round_before_it_made_is_no_loop_under_another_name():
    before = ["out1 = f(x)", "x = self.a1(out1)", "out2 = f(out1) + x", "x = self.a2(out2)", "out3 = f(out2) + x"]
    assert looped(before)[0] == before


def test_numbers_of_members_that_do_not_step_alike_are_said_by_one_index():
    before = [s for n in range(3) for s in (f"x = self.a{n + 1}(x)", f"x = self.conv{4 * n + 3}(x)", "x = F.relu(x)")]
    assert looped(before)[0] == [
        Block(
            "for i in range(1, 4)",
            ('x = getattr(self, f"a{i}")(x)', 'x = getattr(self, f"conv{4 * i - 1}")(x)', "x = F.relu(x)"),
        )
    ]


def test_one_number_that_is_another_in_each_round_is_a_list_called_as_its_argument_is():
    rates = [f"x = F.dropout(self.conv{n}(x), {rate}, self.training)" for n, rate in ((1, 0.1), (2, 0.5), (3, 0.2))]
    body = ('x = F.dropout(getattr(self, f"conv{i}")(x), rate, self.training)',)
    assert looped(rates)[0] == [Block("for i, rate in enumerate([0.1, 0.5, 0.2], 1)", body)]
    strides = [f"x = F.max_pool2d(x, 3, stride={n})" for n in (2, 1, 1)]
    assert looped(strides)[0] == [Block("for stride in [2, 1, 1]", ("x = F.max_pool2d(x, 3, stride=stride)",))]
    taken = [f"x = F.dropout(self.conv{n}(rate + x), 0.{n})" for n in (1, 3, 5)]
    assert looped(taken)[0][0].condition == "for i, rate2 in zip(range(1, 6, 2), [0.1, 0.3, 0.5])"


def test_two_numbers_that_differ_apart_are_no_loop():
    before = [f"x = F.pad(self.conv{n}(x), {n}, {n * n})" for n in (1, 2, 3)]
    assert looped(before)[0] == before


def test_a_loop_does_not_begin_amid_a_round_with_what_only_its_first_statement_reads():
    round_ = [[f"p{n} = f(x)", f"x = self.conv{2 * n}(p{n})", f"x = self.conv{2 * n + 1}(x)"] for n in (1, 2, 3)]
    statements, _ = looped([one for each in round_ for one in each])
    body = ("p = f(x)", 'x = getattr(self, f"conv{i}")(p)', 'x = getattr(self, f"conv{i + 1}")(x)')
    assert statements == [Block("for i in range(2, 7, 2)", body)]


def test_a_loop_may_begin_with_branches_that_read_a_kept_tensor():
    branches = [("a", 1), ("x", 3), ("x", 5)]
    rounds = [(f"one = self.conv{n}({of})", f"x = self.conv{n + 1}({of})", "x = one + x") for of, n in branches]
    statements, _ = looped(["a = self.a(x)", *(one for each in rounds for one in each), "x = x + a"])
    assert statements[0] == "x = a = self.a(x)"
    assert [getattr(one, "condition", one) for one in statements[1:]] == ["for i in range(1, 6, 2)", "x = x + a"]


def test_a_number_and_a_tensor_of_a_round_have_no_name_in_common():
    before = [s for n in (1, 2, 3) for s in (f"value{n} = self.u{n}(x)", f"x = grow(value{n}, 0.{n})")]
    statements, _ = looped(before)
    assert statements[0].condition == "for i, value in enumerate([0.1, 0.2, 0.3], 1)"
    assert statements[0].body == ('value1 = getattr(self, f"u{i}")(x)', "x = grow(value1, value)")
