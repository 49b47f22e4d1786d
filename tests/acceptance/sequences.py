"""Sequence rules: exact, the planted one found with its peaks, hardly any in shops without rules."""
from __future__ import annotations

import json
from pathlib import Path

import rules
from program import EXAMPLES, Failed, Place, check

RULES = EXAMPLES / "planted_rules.yaml"
SETS_SHOPS = 20
# Of small shops that are open for 60 weeks only.
NULL_SET = {"name": "sequences", "items": ["{category}"], "horizon": "30w", "window": "730d", "holdout": "16w",
            "slide": "4w", "min_count": 20,
            "for": {"all": "true", rules.WOMEN_BIG_YOUNG[0]: rules.WOMEN_BIG_YOUNG[1]}}


def found(place: Place, folder: Path, name: str) -> str:
    """Every count of the final rules, and the planted peaks; the planted rule is validated; all with 1 and 8 tasks."""
    output = place.replay(RULES, folder, name)
    segment, condition = rules.WOMEN_BIG_YOUNG
    check(place, "learning/check_sequence_rules", folder, output, "--items", "{category}", "--horizon", "60w", "--bin",
          "1w", "--window", "730d", "--min-count", "30", "--for", "all:True", "--for",
          f"{segment}:{rules.python_words(condition)}")
    other = place.replay(RULES, folder, f"{name}_one", "engine.partitions=1")
    if (output / "rules.jsonl").read_bytes() != (other / "rules.jsonl").read_bytes():
        raise Failed(f"{name}: other rules with one task")
    recommended, otherwise = (sorted((folder / "recommendations.jsonl").read_bytes().splitlines())
                              for folder in (output, other))
    if not recommended or recommended != otherwise:
        raise Failed(f"{name}: other recommendations with one task, or none")
    records = [json.loads(line) for line in (output / "rules.jsonl").read_text().splitlines()]
    sequences = [each for each in records if each["kind"] == "sequence"]
    last = max(each["window"]["until"] for each in sequences)
    planted = next(each for each in sequences if each["window"]["until"] == last and each["segment"] == "all"
                   and (each["antecedent"], each["consequent"]) == (["coats"], ["boots"]))
    if planted["status"] != "validated":
        raise Failed(f"the planted rule is {planted['status']}")
    return planted["text"]


def planted_found(place: Place) -> str:
    return found(place, rules.planted(place), "planted_sequences")


def generated_found(place: Place, folder: Path) -> str:
    return found(place, folder, "generated_sequences")


def null_shops(place: Place) -> str:
    """Between items in all of them; between sets of items, of which a shop has many more, in some."""
    def shops(name: str, rule_set: dict, count: int) -> str:
        path = place.folder / f"{name}.yaml"
        path.write_text(json.dumps({  # which is YAML
            "name": name, "engine": {"epoch": "1d", "disorder": "1m"}, "input": {"path": "data"},
            "operators": {"profile": {}, "sequence_rules": [rule_set]}}))
        return rules.null_shops(place, path, "sequence_rules", "sequences", count)

    sets = {**NULL_SET, "sets": {"min_support": 0.02, "min_confidence": 0.05}}
    return f"{shops('null_sequences', NULL_SET, rules.NULL_SHOPS)}; of sets {shops('null_sets', sets, SETS_SHOPS)}"
