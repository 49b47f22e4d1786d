"""What is proved of the program, case by case; each returns what it saw, or raises Failed.

The checkers of ../shared/acceptance recompute everything from the input alone. A case names
what it needs of ../shared.
"""
from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import clusters
import drift
import live_segments
import planted
import predictions
import recommendations
import rules
import sequences
from program import (CHECKERS, EXAMPLES, PROJECT, SHARED, Failed, Place, can_check_learning, check, duration_of,
                     kill_after, run, run_learning, target_flags)

SEEDS = (1, 2, 3, 4, 5)
SHOP = EXAMPLES / "shop.yaml"
# The same result whatever these say: threads, partitions of the engine, records between two commits.
VARIANTS = {"one_thread": ("engine.threads=1",), "four_threads": ("engine.threads=4",),
            "one_partition": ("engine.partitions=1", "engine.threads=2"),
            "small_batches": ("engine.batch_events_max=1000",),
            "five_partitions": ("engine.partitions=5", "engine.threads=4", "engine.batch_events_max=7777")}
MODELS_ALIKE = {"one_thread_one_partition": ("engine.threads=1", "engine.partitions=1"),
                "four_threads_eight_partitions": ("engine.threads=4", "engine.partitions=8")}
KILLS = 20
SEPARATED = ("--separated", "--set", "customers=800")
FEW_SEPARATED = ("--separated", "--set", "customers=60", "--set", "weeks=40")
VALUE_FEATURES = ("recency_days", "orders", "mean_order_value", "interval_mean_days")
# When a generated shop has been learnt for half a year.
PLANTED_FROM = "2024-07-01T00:00:00.000Z"
# One Sunday on which Complete Journey's base is scored: what follows it lies in the data.
SUNDAY, LATER = "2017-10-01T00:00:00.000Z", "2017-10-20T00:00:00Z"
CHURN = ("--score", "churn", "--label", "none", "--kind", "sale", "--within", "60d", "--of", "customers")
HESITATION = ("--score", "hesitation", "--label", "any", "--kind", "sale", "--within", "session", "--of", "sessions")


@dataclass(frozen=True)
class Case:
    name: str
    needs: tuple[Path, ...]
    prove: Callable[[Place], str]
    checks_learning: bool = False
    checks_segments: bool = False

    def missing(self) -> str | None:
        absent = next((path for path in self.needs if not path.exists()), None)
        if absent:
            return f"{absent.parent.name}/{absent.name} is absent"
        if self.checks_learning and not can_check_learning():
            return "python3 has no numpy and scipy (python3-scipy, or NUDGE_LEARNING_PYTHON)"
        if self.checks_segments and not can_check_learning("sklearn"):
            return "python3 has no scikit-learn (python3-sklearn, or NUDGE_LEARNING_PYTHON)"
        return None


# ---- inputs ---------------------------------------------------------------------------------

def generated(place: Place, seed: int) -> Path:
    """A small input with everything that goes wrong."""
    folder = place.folder / "data" / f"generated_{seed}"
    if not folder.exists():
        run([sys.executable, str(CHECKERS / "generate_events.py"), "--customers", "500", "--days", "120",
             "--seed", str(seed), "--out", str(folder)], place.folder / "generate_events.log", 300)
    return folder


def converted(place: Place, data: str) -> Path:
    folder = place.folder / "data" / data
    if not folder.exists():
        run([sys.executable, str(PROJECT / "tools" / "datasets"), data, "--output", str(folder), "--partitions", "2"],
            place.folder / f"datasets_{data}.log", 300)
    return folder


def bundled(_: Place) -> Path:
    return PROJECT / "tools" / "demo_data" / "shop"


# ---- proofs ---------------------------------------------------------------------------------

Data = Callable[[Place], Path]


def all_checkers(place: Place, name: str, config: Path, data: Data) -> str:
    folder = data(place)
    output = place.replay(config, folder, name)
    check(place, "check_balance", folder, output)
    check(place, "check_rfm", folder, output)
    lists = target_flags(config)
    for flags in lists:
        check(place, "check_targets", folder, output, *flags)
    return f"counters, rfm and {len(lists)} lists"


def lifetime(place: Place, name: str, config: Path, data: Data, models: tuple[str, ...]) -> str:
    """P(alive) and expected orders follow from the published model, which is the likeliest."""
    folder = data(place)
    for model in models:
        settings = () if model == "mbg_nbd" else (f"operators.rfm.lifetime_model={model}",)
        output = place.replay(config, folder, name if not settings else f"{name}_{model}", *settings)
        check(place, "learning/check_btyd", "engine", folder, output)
    return " and ".join(models)


def segmented(place: Place, name: str, config: Path, data: Data, features: tuple[str, ...], k: int,
              segmentation: str = "value") -> str:
    """Memberships, sizes, values, inertia, separation and stability of a segmentation."""
    folder = data(place)
    output = place.replay(config, folder, name)
    check(place, "learning/check_segments", folder, output, "--features", *features, "--k", k, "--id", segmentation)
    return f"{k} segments"


def separated(place: Place) -> Path:
    return generate(place, "shop_separated", *SEPARATED)


def few_separated(place: Place) -> Path:
    return generate(place, "shop_few_separated", *FEW_SEPARATED)


def varied(place: Place) -> Path:
    return generate(place, "shop_varied", "--set", "customers=2000", "--set", "weeks=60")


def kinds_found(place: Place) -> str:
    """The eight kinds of a separated shop are found again, among customers with ten orders or more."""
    folder = separated(place)
    output = place.replay(EXAMPLES / "planted_segments.yaml", folder, "separated_segments")
    index, customers = clusters.agreement(folder, output, "kinds", orders_least=10)
    if customers < 500 or index < 0.9:
        raise Failed(f"adjusted Rand index {index:.3f} of {customers} customers")
    return f"adjusted Rand index {index:.4f} of {customers} customers"


def drift_followed(place: Place) -> str:
    """Segments of orders follow seven kinds that drift, at least as purely as MiniBatchKMeans in the same run."""
    seed, folder = random.SystemRandom().randrange(1 << 32), place.folder / "data" / "drift"
    drift.write(folder, seed)
    config = place.folder / "drift.yaml"
    config.write_text(drift.CONFIG)
    output = place.replay(config, folder, "drift")
    seen = json.loads(run_learning(place, PROJECT / "tests/acceptance/drift.py", "compare", folder, output))
    words = ", ".join(f"{name} {value:.4f}" for name, value in seen.items()) + f", seed {seed}"
    if seen["segments"] < seen["minibatch_kmeans"] or seen["segments"] <= seen["largest_kind"]:
        raise Failed(words)
    return words


def proposed(place: Place, data: Data, items: str) -> str:
    """What similar orders propose for later ones is nearer to them than what is most common, whatever its length."""
    command = [str(place.nudge), "propose", "--input", str(data(place)), "--items", items, "--format", "json"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    if ended.returncode:
        raise Failed(f"exit code {ended.returncode}: {ended.stderr}")
    seen = json.loads(ended.stdout)
    words = (f"overlap {seen['similar']:.4f}, of the most common {seen['most_common']:.4f} (at its best length "
             f"{seen['most_common_at_best']:.4f}), difference ± {seen['error']:.4f}, {seen['tried']} orders")
    if seen["tried"] < 1000 or seen["similar"] <= max(seen["most_common"], seen["most_common_at_best"]):
        raise Failed(words)
    return words


def same(place: Place, name: str, config: Path, data: Data, variants: dict[str, tuple[str, ...]]) -> str:
    folder = data(place)
    first = place.replay(config, folder, name)
    for variant, settings in variants.items():
        check(place, "check_same", first, place.replay(config, folder, f"{name}_{variant}", *settings))
    return f"the same under {', '.join(variants)}"


def killed(place: Place, name: str, config: Path, data: Data) -> str:
    """Kills the replay at random moments, resumes it, and compares with the undisturbed one."""
    folder, seed = data(place), random.SystemRandom().randrange(1 << 32)
    settings = ("engine.replay_commit_interval=50ms", "engine.batch_events_max=1000")
    undisturbed = place.command(config, folder, f"{name}_undisturbed", *settings)
    seconds = duration_of(undisturbed, place.folder / f"{name}_undisturbed.log")
    chance, hit, ends = random.Random(seed), 0, 0
    command, log = place.command(config, folder, f"{name}_killed", *settings), place.folder / f"{name}_killed.log"

    def compare() -> None:
        try:
            check(place, "check_same", place.output(f"{name}_undisturbed"), place.output(f"{name}_killed"))
        except Failed as problem:
            raise Failed(f"seed {seed} after {hit} kills: {problem}") from problem

    # A replay that comes to its end between two kills is compared, and replaced by the next.
    while hit < KILLS and ends < 3 * KILLS:
        if kill_after(command, log, chance.uniform(0.02, 0.6) * seconds):
            hit += 1
        else:
            ends += 1
            compare()
    run(command, log, 900)
    compare()
    if hit < KILLS:
        raise Failed(f"seed {seed}: only {hit} kills met a running replay of {seconds:.2f} s")
    return f"{hit} kills in replays of {seconds:.1f} s, {ends + 1} ends, seed {seed}"


def generate(place: Place, name: str, *arguments: str) -> Path:
    folder = place.folder / "data" / name
    command = [str(place.nudge), "generate", "--config", str(EXAMPLES / "planted_shop.yaml"), "--output", str(folder)]
    if folder.exists():
        return folder
    run([*command, *arguments], place.folder / f"{name}.log", 300)
    return folder


def generated_sequences(place: Place) -> str:
    return sequences.generated_found(place, generate(place, "shop_planted"))


def planted_truth(place: Place, name: str, arguments: tuple[str, ...]) -> str:
    problems = planted.check(generate(place, name, *arguments))
    if problems:
        raise Failed("\n".join(problems))
    return "the data says what truth.json says"


def generated_twice(place: Place) -> str:
    first, second = generate(place, "twice_a", "--seed", "7"), generate(place, "twice_b", "--seed", "7")
    difference = subprocess.run(["diff", "-rq", str(first), str(second)], stdout=subprocess.PIPE, check=False)
    if difference.returncode:
        raise Failed(difference.stdout.decode())
    if (generate(place, "twice_c", "--seed", "8") / "transactions.jsonl").read_bytes() == (
            first / "transactions.jsonl").read_bytes():
        raise Failed("another seed gave the same orders")
    return "the same bytes for the same seed"


def examples_are_valid(place: Place) -> str:
    names = ("shop", "completejourney", "online_retail", "cdnow", "planted_segments", "planted_rules")
    for name in names:
        command = [str(place.nudge), "validate", "--config", str(EXAMPLES / f"{name}.yaml")]
        run(command, place.folder / "validate.log", 60)
    return ", ".join(names)


def band_gap(place: Place) -> str:
    """In the demo's shop the hesitation score is right where it matters: in the band."""
    report = json.loads((place.replay(SHOP, bundled(place), "bundle") / "report.json").read_text())
    band = report["quality"]["hesitation"]["band"]
    if band["n"] < 1000 or abs(band["predicted"] - band["actual"]) > 0.02:
        raise Failed(f"band of the hesitation score: {band}")
    return f"n {band['n']}, predicted {band['predicted']:.3f}, actual {band['actual']:.3f}"


def churn(place: Place, name: str, config: Path, data: Data) -> str:
    """One Sunday's scores are better than rules of thumb, right in the band, and know nothing of what came after."""
    folder = data(place)
    output, cut = place.replay(config, folder, name), place.output(f"{name}_cut")
    run([*place.command(config, folder, f"{name}_cut"), "--until", LATER], place.folder / f"{name}_cut.log", 900)
    check(place, "learning/check_scores", folder, output, *CHURN, "--min-auc", 0.86, "--from", SUNDAY, "--until",
          SUNDAY, "--min-in-band", 200, "--max-withheld", 0.05, "--truncated", cut, "--cut", LATER)
    areas = predictions.beside_heuristics(folder, output, "churn", SUNDAY)
    if areas["score"] <= max(areas["recency"], areas["frequency"]):
        raise Failed(f"a rule of thumb is better: {areas}")
    return ", ".join(f"{name} {value:.4f}" for name, value in areas.items())


def known_truth(place: Place) -> str:
    """The scores of a generated shop come near to what could be known, once half a year is learnt."""
    folder = generate(place, "shop_planted")
    output = place.replay(EXAMPLES / "planted_predictions.yaml", folder, "predictions")
    for flags in (CHURN, (*HESITATION, "--min-auc", 0.64)):
        check(place, "learning/check_scores", folder, output, *flags, "--from", PLANTED_FROM, "--min-in-band", 200,
              "--max-withheld", 0.05)
    seed = random.SystemRandom().randrange(1 << 32)
    areas = predictions.of_sessions(folder, output, PLANTED_FROM, seed)
    areas["campaigns"] = predictions.of_campaigns(folder, output, PLANTED_FROM)
    words = ", ".join(f"{name} {scored:.4f} of {truth:.4f}" for name, (scored, truth) in areas.items())
    # Though of an answer the pace of the customer is part of what could be known, and no shop knows it exactly.
    if any(scored < truth - 0.01 for scored, truth in areas.values()):
        raise Failed(f"seed {seed}: {words}")
    return words


def evaluated(place: Place, name: str, data: Path, arguments: tuple[str, ...]) -> dict:
    command = [str(place.nudge), "evaluate", "--data", str(data), *arguments, "--output", str(place.output(name))]
    run(command, place.folder / f"{name}.log", 900)
    return json.loads((place.output(name) / "report.json").read_text())


def figures(place: Place, name: str, data: Path, arguments: tuple[str, ...], least: dict[str, float]) -> str:
    """The champion's figures on a public table, with a dummy beside it."""
    report = evaluated(place, name, data, arguments)
    champion = report["models"][-1]
    words = ", ".join(f"{figure} {champion[figure]['mean']:.4f}" for figure in least)
    if any(champion[figure]["mean"] < value for figure, value in least.items()):
        raise Failed(f"{words}; wanted {least}")
    if "prequential" in report["split"]["kind"] and abs(champion["band_gap"]["mean"]) > 0.02:
        raise Failed(f"{words}; band gap {champion['band_gap']['mean']:.4f}")
    return words


def as_published(place: Place, data: Path) -> str:
    """The protocol of a paper on bank marketing, whose mean balanced accuracy at a threshold of .5 is 63.58 %."""
    report = evaluated(place, "bank_as_published", data, (
        "--target", "y", "--drop", "duration", "--drop-unknown", "--split", "random:0.1", "--seeds", "5", "--at-half"))
    models = {model["name"]: model for model in report["models"]}
    at_half = models["champion_at_half"]["balanced_accuracy_at_half"]["mean"]
    at_threshold = models["champion"]["balanced_accuracy_at_threshold"]["mean"]
    dummy = models["dummy"]["balanced_accuracy_at_half"]["mean"]
    words = f"at .5 {at_half:.4f}, at the chosen threshold {at_threshold:.4f}, dummy {dummy:.4f}"
    if report["rows"]["used"] != 30488 or at_half < 0.6358 or at_threshold < 0.75 or abs(dummy - 0.5) > 0.02:
        raise Failed(words)
    return words


def uplift(place: Place, data: Path) -> str:
    """Whom the women's e-mail sways is found, better than whoever answers anyway; the men's is promised nothing."""
    report = evaluated(place, "hillstrom", data, ("--target", "visit", "--drop", "conversion,spend", "--treatment",
                                                  "segment", "--seeds", "1"))
    arms = {arm["treatment"]: {model["name"]: model for model in arm["models"]} | {"uses": arm["uses_uplift"]}
            for arm in report["uplift"]}
    women, men = arms["Womens E-Mail"], arms["Mens E-Mail"]
    words = ", ".join(f"{name} {women[name]['qini']:.4f}" for name in ("response", "t_learner", "x_learner"))
    if women["x_learner"]["qini"] < 0.05 or not women["uses"] or men["uses"]:
        raise Failed(f"{words}; women's by the effect: {women['uses']}, men's: {men['uses']}")
    return words


def recommended(place: Place) -> str:
    return recommendations.next_and_when(place, converted(place, "completejourney"))


def cases() -> Iterator[Case]:
    yield Case("examples are valid", (), examples_are_valid)
    yield Case("generate: twice", (), generated_twice)
    for name, arguments in {"planted": (), "null": ("--null",),
                            "separated": SEPARATED}.items():
        yield Case(f"generate: {name}", (), partial(planted_truth, name=f"shop_{name}", arguments=arguments))
    yield Case("generate: segments are found", (), kinds_found)
    yield Case("generate: segments of planted customers", (CHECKERS / "learning",), partial(
        segmented, name="varied_segments", config=EXAMPLES / "planted_segments.yaml", data=varied,
        features=("orders", "mean_order_value", "discount_share"), k=8, segmentation="kinds"), checks_segments=True)
    yield Case("drift: segments of orders", (), drift_followed, checks_segments=True)
    yield Case("generate: predictions", (CHECKERS / "learning",), known_truth, checks_learning=True)
    yield Case("generate: predictions are the same", (CHECKERS,), partial(
        same, name="predictions", config=EXAMPLES / "planted_predictions.yaml",
        data=partial(generate, name="shop_planted"), variants=MODELS_ALIKE))
    yield Case("generate: segments are the same", (CHECKERS,), partial(
        same, name="separated_segments", config=EXAMPLES / "planted_segments.yaml", data=separated,
        variants={name: VARIANTS[name] for name in ("four_threads", "one_partition")}))
    yield Case("generate: segments survive kills", (CHECKERS,), partial(
        killed, name="kill_segments", config=EXAMPLES / "planted_segments.yaml", data=few_separated))
    yield Case("generate: recommendations survive kills", (CHECKERS,), partial(
        killed, name="kill_recommendations", config=EXAMPLES / "planted_rules.yaml", data=few_separated))
    yield Case("generate: rules of live segments", (), lambda place: live_segments.exact(place, few_separated(place)))
    yield Case("planted: rules", (CHECKERS / "learning",), rules.planted_found, checks_learning=True)
    yield Case("planted: rules are the same", (CHECKERS / "learning",), rules.planted_same, checks_learning=True)
    yield Case("null: rules", (), rules.null_baskets)
    yield Case("planted: sequences", (CHECKERS / "learning",), sequences.planted_found, checks_learning=True)
    yield Case("generate: sequences", (CHECKERS / "learning",), generated_sequences, checks_learning=True)
    yield Case("null: sequences", (), sequences.null_shops)
    for seed in SEEDS:
        data = partial(generated, seed=seed)
        yield Case(f"seed {seed}: checkers", (CHECKERS,),
                   partial(all_checkers, name=f"seed_{seed}", config=SHOP, data=data))
    yield Case("seed 1: same", (CHECKERS,),
               partial(same, name="seed_1", config=SHOP, data=partial(generated, seed=1), variants=VARIANTS))
    yield Case("seed 2: kills", (CHECKERS,),
               partial(killed, name="kill", config=SHOP, data=partial(generated, seed=2)))
    yield Case("bundle: checkers", (CHECKERS,), partial(all_checkers, name="bundle", config=SHOP, data=bundled))
    yield Case("bundle: band", (), band_gap)
    yield Case("bundle: same", (CHECKERS,), partial(same, name="bundle", config=SHOP, data=bundled, variants={
        "four_threads": VARIANTS["four_threads"], "one_partition": VARIANTS["one_partition"]}))
    tables = SHARED / "data"
    shoppers = tables / "online_shoppers/online_shoppers_intention.csv.zst"
    bank = tables / "bank_marketing/bank-additional-full.csv.zst"
    for name, data, arguments, least in (
            ("shoppers", shoppers, ("--target", "Revenue", "--split", "folds:10"), {"auc": 0.93}),
            ("shoppers without page values", shoppers,
             ("--target", "Revenue", "--drop", "PageValues", "--split", "folds:10"), {"auc": 0.785}),
            ("shoppers in time", shoppers, ("--target", "Revenue", "--split", "prequential:500"), {"auc": 0.86}),
            ("bank", bank, ("--target", "y", "--drop", "duration", "--split", "folds:10"),
             {"balanced_accuracy_at_threshold": 0.73}),
            ("bank in time", bank, ("--target", "y", "--drop", "duration", "--split", "prequential:2000"),
             {"balanced_accuracy_at_threshold": 0.67})):
        yield Case(f"evaluate: {name}", (data,), partial(
            figures, name=f"evaluate_{name.replace(' ', '_')}", data=data, arguments=arguments, least=least))
    yield Case("evaluate: bank as published", (bank,), partial(as_published, data=bank))
    hillstrom = tables / "hillstrom/hillstrom.csv.zst"
    yield Case("evaluate: uplift", (hillstrom,), partial(uplift, data=hillstrom))
    for data in ("completejourney", "online_retail", "cdnow"):
        needs = (CHECKERS, SHARED / "data" / data)
        arguments = {"name": data, "config": EXAMPLES / f"{data}.yaml", "data": partial(converted, data=data)}
        yield Case(f"{data}: checkers", needs, partial(all_checkers, **arguments))
        if data == "completejourney":
            yield Case(f"{data}: same", needs, partial(same, **arguments, variants={
                "five_partitions": VARIANTS["five_partitions"]}))
            yield Case(f"{data}: churn", (CHECKERS / "learning", SHARED / "data" / data), partial(churn, **arguments),
                       checks_learning=True)
        if data in rules.RULE_SETS:
            yield Case(f"{data}: rules", (CHECKERS / "learning", SHARED / "data" / data), partial(
                rules.exact, name=data, data=partial(converted, data=data)), checks_learning=True)
        if data == "completejourney":
            yield Case(f"{data}: recommendations", (SHARED / "data" / data,), recommended)
        segments = {"completejourney": 5, "online_retail": 8}.get(data)
        if segments:
            yield Case(f"{data}: segments", (CHECKERS / "learning", SHARED / "data" / data),
                       partial(segmented, **arguments, features=VALUE_FEATURES, k=segments), checks_segments=True)
            items = {"completejourney": "category"}.get(data, "product")
            yield Case(f"{data}: proposals", (SHARED / "data" / data,),
                       partial(proposed, data=arguments["data"], items=items))
        # Hardly any of Complete Journey's customers leaves: under BG/NBD the checker's own search for the optimum ends
        # where its logarithms of gammas cancel.
        models = {"completejourney": ("mbg_nbd",), "cdnow": ("mbg_nbd", "bg_nbd")}.get(data)
        if models:
            yield Case(f"{data}: lifetime", (CHECKERS / "learning", SHARED / "data" / data),
                       partial(lifetime, **arguments, models=models), checks_learning=True)
