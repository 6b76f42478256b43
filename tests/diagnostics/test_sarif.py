"""SARIF: that a log has the shape the standard gives it, and points where archlang points."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from runner import cases

from archlang.cli import main
from archlang.diagnostics.explanations import explanation
from archlang.diagnostics.sarif import Mend, log
from archlang.model import check
from archlang.source import Source

LEVELS = {"error", "warning", "note"}
SHAPE = {
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool", "results"}, {"invocations", "columnKind", "artifacts"}),
    "driver": ({"name"}, {"version", "semanticVersion", "rules"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help", "defaultConfiguration"}),
    "invocation": ({"executionSuccessful"}, {"toolConfigurationNotifications"}),
    "notification": ({"message"}, {"level", "associatedRule"}),
    "artifact": (set(), {"location", "sourceLanguage"}),
    "result": ({"message"}, {"ruleId", "ruleIndex", "level", "locations", "relatedLocations", "fixes"}),
    "location": (set(), {"id", "physicalLocation", "message"}),
    "physicalLocation": ({"artifactLocation", "region"}, set()),
    "artifactLocation": ({"uri"}, {"index"}),
    "region": ({"startLine", "startColumn", "endLine", "endColumn"}, set()),
    "fix": ({"artifactChanges"}, {"description"}),
    "artifactChange": ({"artifactLocation", "replacements"}, set()),
    "replacement": ({"deletedRegion"}, {"insertedContent"}),
}
"""Of each object that archlang writes, the properties it must have, and those of the standard's that it may."""


def shaped(kind, record):
    must, may = SHAPE[kind]
    assert must <= set(record) <= must | may, kind
    return record


def words(message):
    assert set(message) == {"text"}
    assert message["text"]
    assert "{" not in message["text"].replace("{{", "")
    return message["text"].replace("{{", "{").replace("}}", "}")


def region(record):
    shaped("region", record)
    assert all(type(value) is int and value >= 1 for value in record.values())
    assert (record["startLine"], record["startColumn"]) <= (record["endLine"], record["endColumn"])
    return record


def place(run, record):
    shaped("artifactLocation", record)
    assert record["uri"] == run["artifacts"][record["index"]]["location"]["uri"]
    assert re.fullmatch(r"(?:[\w.~!$&'()*+,;=@/:-]|%[0-9A-F]{2})+", record["uri"], re.ASCII)
    assert ":" not in record["uri"].partition("/")[0] or urlsplit(record["uri"]).scheme == "file"
    return record["uri"]


def location(run, record):
    physical = shaped("physicalLocation", shaped("location", record)["physicalLocation"])
    if "message" in record:
        words(record["message"])
    return place(run, physical["artifactLocation"]), region(physical["region"])


def valid(document):
    """The one run of a log, each part of which has been looked at."""
    assert shaped("log", document)["version"] == "2.1.0"
    (run,) = document["runs"]
    shaped("run", run)
    assert run["columnKind"] == "utf16CodeUnits"
    rules = shaped("driver", run["tool"]["driver"])["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(shaped("rule", rule)["help"]) == {"text", "markdown"}
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert rule["fullDescription"]["text"].endswith((".", ":"))
    for artifact in run["artifacts"]:
        shaped("artifact", artifact)
    for notification in shaped("invocation", run["invocations"][0]).get("toolConfigurationNotifications", []):
        assert words(shaped("notification", notification)["message"])
        assert notification["level"] in LEVELS
    for result in run["results"]:
        _result(run, shaped("result", result), rules)
    return run


def _result(run, result, rules):
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    words(result["message"])
    assert len(result["locations"]) == 1
    location(run, result["locations"][0])
    related = result.get("relatedLocations", [])
    assert [each["id"] for each in related] == list(range(1, len(related) + 1))
    for each in related:
        location(run, each)
    for fix in result.get("fixes", []):
        words(shaped("fix", fix)["description"])
        for change in fix["artifactChanges"]:
            place(run, shaped("artifactChange", change)["artifactLocation"])
            for replacement in change["replacements"]:
                region(shaped("replacement", replacement)["deletedRegion"])


def pointed(text, where):
    """The characters of a text that a region points at, columns being code units of UTF-16."""
    lines = text.split("\n")

    def offset(line, column):
        units = lines[line - 1].encode("utf-16-le")[: 2 * (column - 1)]
        return sum(len(each) + 1 for each in lines[: line - 1]) + len(units.decode("utf-16-le"))

    start = offset(where["startLine"], where["startColumn"])
    return start, text[start : offset(where["endLine"], where["endColumn"])]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys, *files):
    status = main.main(["check", "--format", "sarif", *files])
    return status, valid(json.loads(capsys.readouterr().out))


def test_a_log_of_every_case_is_as_the_standard_has_it():
    for case in cases():
        found = check(Source("case.arch", case.program))
        run = valid(json.loads(json.dumps(log(found, version="1.2.3"))))
        assert [result["ruleId"] for result in run["results"]] == [each.code for each in found]
        for result, each in zip(run["results"], found, strict=True):
            where = result["locations"][0]["physicalLocation"]["region"]
            assert pointed(case.program, where) == (each.span.start, each.span.text)


def test_columns_count_as_utf_16_does():
    text = '# 🙂\nlet a = "🙂🙂" + 1\ninput 3x8x8\nconv3-8\n'
    run = valid(log(check(Source("a.arch", text)), version="1"))
    where = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert where["startColumn"] == 9
    assert where["endColumn"] == 15
    assert pointed(text, where)[1] == '"🙂🙂"'


def test_other_places_and_calls_are_related_locations(folder, capsys):
    (folder / "a.arch").write_text(
        "block b(w) { add[ conv1-w | conv3-w/2 ] }\nnet N {\n  variant A, B\n  input 3x8x8\n  b(3) @B\n  conv3-8\n}\n"
    )
    status, run = checked(capsys, "a.arch")
    (result,) = run["results"]
    assert status == 1
    assert "note: in the variant `B`" in words(result["message"])
    said = [words(each["message"]) for each in result["relatedLocations"]]
    assert said == ["3x8x8", "in the call here"]
    assert location(run, result["relatedLocations"][1])[1]["startLine"] == 5


def test_files_are_named_as_seen_from_the_current_folder(folder, capsys):
    below = folder / "my nets:ü"
    below.mkdir()
    (below / "a #1.arch").write_text("input 3x8x8\nmaxpol\n")
    _, run = checked(capsys, str(below / "a #1.arch"), "vgg")
    assert [each["location"]["uri"] for each in run["artifacts"]] == ["my%20nets%3A%C3%BC/a%20%231.arch"]
    outside = valid(log(check(Source("x.arch", "maxpol", folder.parent / "x.arch")), version="1"))
    uri = outside["artifacts"][0]["location"]["uri"]
    assert uri.startswith("file:///")
    assert unquote(uri).endswith(f"{folder.parent.name}/x.arch")


def test_a_fix_replaces_what_it_points_at(folder, capsys):
    text = "input 3x8x8  # 🙂\nres{ conv3-3 }; maxpol\nconv3-8 as a as b\n"
    (folder / "a.arch").write_text(text)
    _, run = checked(capsys, "a.arch")
    mended = {}
    for result in run["results"]:
        for fix in result.get("fixes", []):
            (change,) = fix["artifactChanges"][0]["replacements"]
            start, old = pointed(text, change["deletedRegion"])
            new = change.get("insertedContent", {"text": ""})["text"]
            mended[result["ruleId"]] = text[:start] + new + text[start + len(old) :]
    assert mended["layers-in-braces"] == text.replace("res{ conv3-3 }", "res[ conv3-3 ]")


def test_a_name_that_leads_to_no_file_is_about_the_run_and_not_a_place(folder, capsys):
    status, run = checked(capsys, "nix.arch", "resnext50")
    assert status == 2
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is False
    lost, note = run["invocations"][0]["toolConfigurationNotifications"]
    assert lost["associatedRule"]["id"] == "no-such-file"
    assert "resnext@50-32x4d" in words(note["message"])


def test_a_clean_run_is_a_log_with_no_results(capsys):
    status, run = checked(capsys, "vgg")
    assert (status, run["results"], run["invocations"]) == (0, [], [{"executionSuccessful": True}])


def test_a_rules_help_is_its_page():
    run = valid(log(check(Source("a", "input 3x8x8\nmaxpol")), version="1"))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["help"]["text"] == explanation("unknown-layer").text
    assert "](" not in rule["help"]["markdown"]
    assert "wrong=" not in rule["help"]["markdown"]


def test_a_change_of_two_places_is_one_fix():
    source = Source("a", "input 3x8x8\nmaxpol")
    (found,) = check(source)
    mend = Mend("both", ((found.span, "x"), (found.span.to(found.span), "")))
    run = valid(log([found], version="1", mending=lambda _: mend))
    assert len(run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"]) == 2
