"""Basket rules: exact on real data, the planted one found in its segment, none in shops without rules."""
from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from program import CHECKERS, EXAMPLES, LEARNING_PYTHON, Failed, Place, check, run

NULL_SHOPS, NULL_MOST = 100, 5
WOMEN_BIG_YOUNG = ("women_big_young", "gender = 'F' and city_size = 'big' and age_band = '18-39'")
WOMEN_BIG_OLD = ("women_big_old", "gender = 'F' and city_size = 'big' and age_band = '40+'")
MEN_BIG_YOUNG = ("men_big_young", "gender = 'M' and city_size = 'big' and age_band = '18-39'")
PLANTED = {"items": ["{category}"], "segments": (WOMEN_BIG_YOUNG, WOMEN_BIG_OLD, MEN_BIG_YOUNG), "window": "90d",
           "slide": "1d", "min_support": 0.02, "min_confidence": 0.15, "max_items": 4}
# Of each data set: the whole of it, and windows that slide.
RULE_SETS = {
    "completejourney": (
        {"items": ["{category}"], "window": "400d", "slide": "28d", "min_support": 0.02, "min_confidence": 0.5,
         "max_items": 12, "baskets": 155_518, "rules": 277},
        {"items": ["{category}"], "window": "90d", "slide": "1d", "min_support": 0.02, "min_confidence": 0.5,
         "max_items": 4},
        {"items": ["{category}", "{brand}/{category}", "{department}"], "window": "60d", "slide": "7d",
         "min_support": 0.03, "min_confidence": 0.6, "max_items": 3}),
    "online_retail": (
        {"items": ["{category}", "{category}/{price_level}"], "window": "400d", "slide": "28d", "min_support": 0.1,
         "min_confidence": 0.5, "max_items": 3},
        {"items": ["{category}/{price_level}"], "window": "90d", "slide": "1d", "min_support": 0.1,
         "min_confidence": 0.5, "max_items": 4}),
}


def config(place: Place, name: str, rule_set: dict) -> Path:
    """A configuration of nothing but a rule set."""
    conditions = {"all": "true"} | dict(rule_set.get("segments", ()))
    known = {key: rule_set[key] for key in ("items", "window", "slide", "min_support", "min_confidence", "max_items")}
    path = place.folder / f"{name}.yaml"
    path.write_text(json.dumps({  # which is YAML
        "name": name, "engine": {"epoch": "1d", "disorder": "1m"}, "input": {"path": "data"},
        "operators": {"profile": {}, "basket_rules": [{"name": "baskets", "for": conditions, **known}]}}))
    return path


def python_words(condition: str) -> str:
    return condition.replace(" = ", " == ")


def checked(place: Place, folder: Path, output: Path, rule_set: dict) -> dict:
    """What the checker found right; the figures of report.json."""
    flags = ["--items", *rule_set["items"], "--window", rule_set["window"], "--min-support", rule_set["min_support"],
             "--min-confidence", rule_set["min_confidence"], "--max-items", rule_set["max_items"], "--for", "all:True"]
    for segment, condition in rule_set.get("segments", ()):
        flags += ["--for", f"{segment}:{python_words(condition)}"]
    check(place, "learning/check_basket_rules", folder, output, *flags)
    return json.loads((output / "report.json").read_text())["basket_rules"]["baskets"]


def exact(place: Place, name: str, data: Callable[[Place], Path]) -> str:
    """Every final count, measure, p- and q-value, over the whole data and over windows that slide, in 1 and 8 tasks."""
    folder, told = data(place), []
    for number, rule_set in enumerate(RULE_SETS[name]):
        run_name = f"{name}_rules_{number}"
        path = config(place, run_name, rule_set)
        output = place.replay(path, folder, run_name)
        found = checked(place, folder, output, rule_set)["all"]
        for figure in ("baskets", "rules"):
            if found[figure] != rule_set.get(figure, found[figure]):
                raise Failed(f"{found[figure]} {figure}, not {rule_set[figure]}")
        other = place.replay(path, folder, f"{run_name}_one", "engine.partitions=1")
        if (output / "rules.jsonl").read_bytes() != (other / "rules.jsonl").read_bytes():
            raise Failed(f"{run_name}: other rules with one task")
        told.append(f"{found['rules']} rules of {found['baskets']} baskets")
    return ", ".join(told)


def planted(place: Place) -> Path:
    folder = place.folder / "data" / "planted_rules"
    if not folder.exists():
        run([LEARNING_PYTHON, str(CHECKERS / "learning" / "plant.py"), "--customers", "6000", "--weeks", "104",
             "--seed", "3", "--out", str(folder)], place.folder / "plant.log", 300)
    return folder


def planted_found(place: Place) -> str:
    """The planted rule of 17.5 % is validated in its segment and in no other."""
    folder = planted(place)
    output = place.replay(config(place, "planted_rules", PLANTED), folder, "planted_rules")
    found = checked(place, folder, output, PLANTED)
    return ", ".join(f"{segment} {figures['validated']} of {figures['rules']}" for segment, figures in found.items())


def planted_same(place: Place) -> str:
    folder, path = planted(place), config(place, "planted_rules", PLANTED)
    first = place.replay(path, folder, "planted_rules")
    for name, settings in {"one": ("engine.partitions=1", "engine.threads=1"), "five": (
            "engine.partitions=5", "engine.threads=4", "engine.batch_events_max=777")}.items():
        other = place.replay(path, folder, f"planted_rules_{name}", *settings)
        if (first / "rules.jsonl").read_bytes() != (other / "rules.jsonl").read_bytes():
            raise Failed(f"other rules with {settings}")
    return "the same with 1, 5 and 8 tasks"


def null_shops(place: Place, path: Path, operator: str, rule_set: str, shops: int = NULL_SHOPS) -> str:
    """Of small shops without any rule hardly one has a rule that is validated at the end."""
    def validated(seed: int) -> int:
        name = f"null_{seed}"
        folder = place.folder / "data" / name
        if not folder.exists():
            run([str(place.nudge), "generate", "--config", str(EXAMPLES / "planted_shop.yaml"), "--null", "--set",
                 "customers=600", "--set", "weeks=60", "--seed", str(seed), "--output", str(folder)],
                place.folder / f"{name}.log", 300)
        output = place.replay(path, folder, f"{path.stem}_{name}", "engine.partitions=2", "engine.threads=1")
        figures = json.loads((output / "report.json").read_text())[operator][rule_set]
        if not all(each["rules"] for each in figures.values()):
            raise Failed(f"seed {seed}: a shop in which nothing could have been found")
        return sum(each["validated"] + each.get("sets", {}).get("validated", 0) for each in figures.values())

    with ThreadPoolExecutor(2) as pool:
        found = [count for count in pool.map(validated, range(1, shops + 1)) if count]
    if len(found) * NULL_SHOPS > NULL_MOST * shops:
        raise Failed(f"rules in {len(found)} of {shops} shops")
    return f"{len(found)} of {shops} shops"


def null_baskets(place: Place) -> str:
    return null_shops(place, config(place, "null_rules", PLANTED), "basket_rules", "baskets")
