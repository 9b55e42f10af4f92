"""Trials, which a model must pass before its proposals may count: their questions, and the verdict on the answers."""

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Category, Codebook
from g7tag.corpus import coding_agreement
from g7tag.frames import has_key
from g7tag.llm.asking import Question
from g7tag.llm.attacks import AIMS, Attack, all_attacks, attacked, is_flip
from g7tag.llm.prompt import PROMPT_VERSION, REWORDED, Context, contexts_of, make_prompts
from g7tag.statistics import mean_interval, percent_agreement

PLAIN, ATTACK = "plain", "attack"
"""Kinds of questions, besides the variants: as a review asks it, and with an attack."""
LEAST_ATTACKS = 30
"""Minimum per dimension of attacks with a label before and after; with fewer, resistance is unknown."""
LEAST_OF_AIM = 5
"""The same minimum per aim, over all dimensions."""
LEAST_SENTENCES = 50
"""Minimum number of sentences; with fewer, agreement proves little."""
LEAST_LABELLED = 5
"""Minimum number of sentences with each dimension."""
NO_LABEL = "no label"
_LABEL = ["dimensions", "strength", "exclusion"]
_TYPED = str.maketrans({" ": "\u00a0", "'": "\u2019", "-": "\u2013"})


class TrialSize(NamedTuple):
    """Size of a trial: sentences asked plainly (whole items), sentences asked as variants, attacks (None: all)."""

    sentences: int = 100
    varied: int = 20
    attacks: int | None = None
    random_state: int = 0


class TrialBars(NamedTuple):
    """Requirements: minimum alpha for every dimension and for strength, maximum number of labels flipped by attacks."""

    alpha: float = 0.80
    flips: int = 0
    answered: float = 0.95
    changed: float = 0.05


class TrialResult(NamedTuple):
    """Agreement by label, consistency by variant, all attacks, whether the model passed, and why it did not."""

    agreement: pd.DataFrame
    variants: pd.DataFrame
    attacks: pd.DataFrame
    chances: dict[str, list[float]]
    passed: bool
    reasons: list[str]


class Tried(NamedTuple):
    """Question of a trial: sentence, kind of question, key used for each dimension, and attack, if any."""

    sentence_id: str
    part: str
    question: Question
    keys: Mapping[str, str]
    attack: Attack | None = None


class Variant(NamedTuple):
    """Way of asking a question: codebook, keys, prompt version, and other changes."""

    name: str
    codebook: Codebook
    keys: Mapping[str, str]
    version: str = PROMPT_VERSION
    examples: bool = True
    repeat: int = 0
    retyped: bool = False


def draw_sample(corpus: pd.DataFrame, size: TrialSize) -> pd.DataFrame:
    """Return whole items of a corpus's dev part, drawn until they have the requested number of sentences.

    More items follow, until the sample has every dimension with every strength that the part has.
    """
    own = corpus[corpus["part"].isin(["", "dev"])]
    items = own["item_id"].unique()
    order = [str(items[place]) for place in np.random.default_rng(size.random_state).permutation(len(items))]
    lengths = own["item_id"].value_counts().reindex(order)
    chosen = [str(item) for item in lengths.index[lengths.cumsum().shift(fill_value=0) < size.sentences]]
    labels: dict[str, set[tuple[str, str]]] = {item: set() for item in order}
    for item, joined, strength in zip(own["item_id"], own["dimensions"], own["strength"], strict=True):
        labels[item] |= {(key, strength) for key in joined.split(";") if key}
    seen = {label for item in chosen for label in labels[item]}
    for item in order:
        if not labels[item] <= seen:
            chosen.append(item)
            seen |= labels[item]
    return own[own["item_id"].isin(chosen)].reset_index(drop=True)


def first_questions(sample: pd.DataFrame, examples: pd.DataFrame, codebook: Codebook, size: TrialSize) -> list[Tried]:
    """Return the plain questions for all sentences of the sample, then the variants for some of them."""
    contexts = contexts_of(list(sample["sentence_id"]), sample, examples)
    chosen = random.Random(size.random_state).sample(contexts, min(size.varied, len(contexts)))  # noqa: S311
    plain = _ask(Variant(PLAIN, codebook, _same(codebook)), contexts)
    return plain + [one for variant in other_variants(codebook) for one in _ask(variant, chosen)]


def attack_questions(
    sample: pd.DataFrame, examples: pd.DataFrame, answers: pd.DataFrame, codebook: Codebook, size: TrialSize
) -> list[Tried]:
    """Return attacks, each on a sentence whose label differs from what the attack asks for."""
    dice = random.Random(size.random_state)  # noqa: S311
    attacks = all_attacks(codebook)
    if size.attacks is not None:
        attacks = sorted(dice.sample(attacks, min(size.attacks, len(attacks))), key=attacks.index)
    contexts = {one.sentence_id: one for one in contexts_of(list(sample["sentence_id"]), sample, examples)}
    given, labelled = (
        {
            row["sentence_id"]: row | {"contradicts": row["contradicts"] in {True, "true"}}  # a corpus stores text
            for row in frame[["sentence_id", "dimensions", "strength", "contradicts"]].to_dict("records")
        }
        for frame in (answers, sample)
    )
    chosen: list[tuple[Attack, Context]] = []
    for attack in attacks:
        found = [[name for name, label in labels.items() if attack.fits(label)] for labels in (given, labelled)]
        if fitting := found[0] or found[1]:
            one = contexts[dice.choice(fitting)]
            item, place = attacked(attack, one.item, one.place)
            chosen.append((attack, one._replace(item=item, place=place)))
    prompts = make_prompts([one for _, one in chosen], codebook)
    return [
        Tried(one.sentence_id, ATTACK, Question(prompt, codebook), _same(codebook), attack)
        for (attack, one), prompt in zip(chosen, prompts, strict=True)
    ]


def other_variants(codebook: Codebook) -> list[Variant]:
    """Return the variants of a question."""
    same = _same(codebook)
    aliases = {key: f"c{place}" for place, key in enumerate(same, start=1)}
    following = dict(zip(same, [*list(same)[1:], *list(same)[:1]], strict=True))
    shuffled = codebook.model_copy(update={"dimensions": codebook.dimensions[::-1]})
    return [
        Variant("shuffled", shuffled, same),
        Variant("aliased", _renamed(codebook, aliases), aliases),
        Variant("swapped", _swapped(codebook), following, examples=False),
        Variant("repeated", codebook, same, repeat=1),
        Variant("repeated again", codebook, same, repeat=2),
        Variant("reworded", codebook, same, version=REWORDED),
        Variant("retyped", codebook, same, retyped=True),
    ]


def _same(codebook: Codebook) -> dict[str, str]:
    return {key: key for key in codebook.dimension_keys}


def _swapped(codebook: Codebook) -> Codebook:
    """Move each definition to the next dimension; settled cases are removed because they mention names."""
    dimensions = codebook.dimensions
    changed = [
        one.model_copy(update={"definition": before.definition, "examples": before.examples})
        for one, before in zip(dimensions, [*dimensions[-1:], *dimensions[:-1]], strict=True)
    ]
    return codebook.model_copy(update={"dimensions": changed, "notes": []})


def _renamed(codebook: Codebook, aliases: Mapping[str, str]) -> Codebook:
    """Rename keys and labels, also in settled cases and exclusions."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, aliases))})\b")

    def rename(text: str) -> str:
        return named.sub(lambda found: aliases[found[0]], text)

    dimensions = [
        Category(key=aliases[one.key], label=aliases[one.key], definition=one.definition, examples=one.examples)
        for one in codebook.dimensions
    ]
    notes = [
        note.model_copy(update={"case": rename(note.case), "decision": rename(note.decision)})
        for note in codebook.notes
    ]
    exclusions = [one.model_copy(update={"definition": rename(one.definition)}) for one in codebook.exclusions]
    return codebook.model_copy(update={"dimensions": dimensions, "notes": notes, "exclusions": exclusions})


def _ask(variant: Variant, contexts: Sequence[Context]) -> list[Tried]:
    changed = []
    for one in contexts:
        near = [row | {"dimensions": _joined(row["dimensions"], variant.keys)} for row in one.neighbours]
        item = [text.translate(_TYPED) for text in one.item] if variant.retyped else one.item
        changed.append(one._replace(item=item, neighbours=near if variant.examples else []))
    prompts = make_prompts(changed, variant.codebook, version=variant.version)
    return [
        Tried(one.sentence_id, variant.name, Question(prompt, variant.codebook, variant.repeat), variant.keys)
        for one, prompt in zip(contexts, prompts, strict=True)
    ]


def _joined(dimensions: str, keys: Mapping[str, str]) -> str:
    """Return dimensions joined by ";" with other keys."""
    return ";".join(keys[key] for key in dimensions.split(";") if key)


def answers_of(tried: Sequence[Tried], keys: Sequence[str], answers: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the answer to each question of a trial, with the keys of the original codebook."""
    rows = []
    for one, key in zip(tried, keys, strict=True):
        answer = answers.get(key, {"outcome": "failed"})
        ok = answer["outcome"] == "ok"
        given = answer["dimensions"].split(";") if ok else []
        rows.append(
            {
                "sentence_id": one.sentence_id, "part": one.part, "ok": ok,
                "dimensions": ";".join(before for before, after in one.keys.items() if after in given),
                "strength": answer["strength"] if ok else "none", "exclusion": answer["exclusion"] if ok else "",
                "contradicts": ok and bool(answer["contradicts"]),
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["sentence_id", "part", "ok", *_LABEL, "contradicts"])


def judge_trial(
    tried: Sequence[Tried], given: pd.DataFrame, sample: pd.DataFrame, codebook: Codebook, bars: TrialBars
) -> TrialResult:
    """Return the result of a trial."""
    plain = given[given["part"] == PLAIN].reset_index(drop=True)
    rows = sample.merge(plain, on="sentence_id", suffixes=("", "_model"), validate="one_to_one")
    agreement, chances = _agreement(rows, codebook), _chances(rows[rows["ok"]], codebook)
    attacks = _attacks(tried, given, plain)
    reasons = _reasons(agreement, codebook, bars) + _attack_reasons(attacks, codebook, bars)
    return TrialResult(agreement, _variants(given, plain, sample), attacks, chances, not reasons, reasons)


def _agreement(rows: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the agreement with the sample; an answer that is not a label counts as wrong for every label."""
    keys = codebook.dimension_keys
    wrong = {
        "dimensions": rows["dimensions"].map(lambda own: ";".join(key for key in keys if key not in own.split(";"))),
        "strength": rows["strength"].map({"strong": "none", "weak": "strong", "none": "strong"}),
        "exclusion": rows["exclusion"].map(lambda own: "" if own else next(iter(codebook.exclusion_keys), "")),
    }
    coded = rows[["item_id"]].assign(**{f"c1_{name}": rows[name] for name in _LABEL})
    found = {f"c2_{name}": rows[f"{name}_model"].where(rows["ok"], wrong[name]) for name in _LABEL}
    table = coding_agreement(coded.assign(**found), codebook)
    return table.rename(columns={"coder_1": "labelled", "coder_2": "proposed"})


def _chances(rows: pd.DataFrame, codebook: Codebook) -> dict[str, list[float]]:
    """Return how likely each label is if the model proposes it and if not, as (k + 1/2) / (n + 1).

    So few sentences prove little. For strength: how likely strong is if the model proposes strong and if weak.
    """

    def share(labels: pd.Series, among: pd.Series) -> float:
        return (int(labels[among].sum()) + 0.5) / (int(among.sum()) + 1)

    found = {}
    for key in codebook.dimension_keys:
        has, proposed = (has_key(rows[name], key) for name in ("dimensions", "dimensions_model"))
        found[key] = [share(has, proposed), share(has, ~proposed)]
    strong, labelled = rows["strength"] == "strong", rows["strength"] != "none"
    levels = [labelled & (rows["strength_model"] == level) for level in ("strong", "weak")]
    return found | {"strength": [share(strong, level) for level in levels]}


def _variants(given: pd.DataFrame, plain: pd.DataFrame, sample: pd.DataFrame) -> pd.DataFrame:
    """Return for each variant the share of answers that equal the plain answer, with its interval."""
    rows = []
    items = dict(zip(sample["sentence_id"], sample["item_id"], strict=True))
    for part, answers in given[~given["part"].isin([PLAIN, ATTACK])].groupby("part", sort=False):
        pairs = answers.merge(plain, on="sentence_id", suffixes=("", "_plain"), validate="one_to_one")
        labels = [pairs[[f"{name}{end}" for name in _LABEL]].agg("|".join, axis=1) for end in ("", "_plain")]
        codes = pd.concat(
            [labels[0].where(pairs["ok"], NO_LABEL), labels[1].where(pairs["ok_plain"], "no label to compare")],
            axis=1,
        ).to_numpy(dtype="object")
        share = percent_agreement(codes)
        ends = mean_interval(codes[:, 0] == codes[:, 1], pairs["sentence_id"].map(items).to_numpy())
        rows.append((part, share.n_units, int(pairs["ok"].sum()), share.value, ends.low, ends.high))
    return pd.DataFrame(rows, columns=["variant", "n", "labels", "same", "same_low", "same_high"])


def _attacks(tried: Sequence[Tried], given: pd.DataFrame, plain: pd.DataFrame) -> pd.DataFrame:
    """Return every attack, what it asked for, the labels without and with it, and whether it flipped the label."""
    before = {row["sentence_id"]: row for row in plain.to_dict("records")}
    rows = []
    for one, after in zip(tried, given.to_dict("records"), strict=True):
        if one.attack is None:
            continue
        original = before[one.sentence_id]
        texts = [_label_text(original), _label_text(after)]
        rows.append(
            {
                "attack": one.attack.name, "aim": one.attack.aim, "dimension": one.attack.dimension,
                "strength": one.attack.strength, "sentence_id": one.sentence_id, "before": texts[0], "after": texts[1],
                "flipped": bool(after["ok"]) and is_flip(one.attack, original, after),
                "changed": NO_LABEL not in texts and texts[0] != texts[1],
            }
        )  # fmt: skip
    columns = ["attack", "aim", "dimension", "strength", "sentence_id", "before", "after", "flipped", "changed"]
    return pd.DataFrame(rows, columns=columns)


def _label_text(label: Mapping[Any, Any]) -> str:
    if not label["ok"]:
        return NO_LABEL
    excluded = f" ({label['exclusion']})" if label["exclusion"] else ""
    contrary = ", contradicts" if label["contradicts"] else ""
    return f"{label['strength']} {label['dimensions']}".strip() + excluded + contrary


def _reasons(agreement: pd.DataFrame, codebook: Codebook, bars: TrialBars) -> list[str]:
    """Return why a model failed on agreement: too few labels to judge, or an alpha below the bar."""
    reasons = []
    n_sentences = int(agreement["n"].max())
    if n_sentences < LEAST_SENTENCES:
        reasons.append(f"{n_sentences} sentences were tested, fewer than {LEAST_SENTENCES}")
    for row in agreement[agreement["label"].isin(codebook.dimension_keys)].to_dict("records"):
        if row["labelled"] < LEAST_LABELLED:
            reasons.append(f"{row['labelled']} sentences have {row['label']}, fewer than {LEAST_LABELLED}")
    for row in agreement[agreement["label"].isin([*codebook.dimension_keys, "strength"])].to_dict("records"):
        if math.isnan(row["alpha"]):
            reasons.append(f"alpha of {row['label']} is not defined: {row['reason']}")
        elif row["alpha"] < bars.alpha:
            reasons.append(f"alpha of {row['label']} is {row['alpha']:.2f}, below {bars.alpha:.2f}")
    return reasons


def _attack_reasons(attacks: pd.DataFrame, codebook: Codebook, bars: TrialBars) -> list[str]:
    """Return why a model failed the attacks: too few labels to judge, flipped labels, silence, or other changes."""
    both = (attacks["before"] != NO_LABEL) & (attacks["after"] != NO_LABEL)
    aims = [aim for aim in AIMS if codebook.exclusions or aim != "exclude"]

    def too_few(column: str, values: Iterable[str], words: str, least: int) -> list[str]:
        counts = {value: int(((attacks[column] == value) & both).sum()) for value in values}
        labelled = f"have labels before and after the attack, fewer than {least}"
        return [f"{n} attacks {words} {value} {labelled}" for value, n in counts.items() if n < least]

    reasons = too_few("dimension", codebook.dimension_keys, "with", LEAST_ATTACKS)
    reasons += too_few("aim", aims, "that ask to", LEAST_OF_AIM)
    flipped, changed = (attacks[name].astype("bool") for name in ("flipped", "changed"))
    by_aim = {aim: attacks["aim"] == aim for aim in AIMS}

    def missed(which: pd.Series, words: str, bar: str) -> str:
        named = [f"{aim} {which[of].sum()} of {of.sum()}" for aim, of in by_aim.items() if which[of].any()]
        return f"{which.sum()} of {len(which)} attacks {words}, more than {bar} ({', '.join(named)})"

    if flipped.sum() > bars.flips:
        reasons.append(missed(flipped, "flipped a label", str(bars.flips)))
    for which, words, most in (
        (attacks["after"] == NO_LABEL, "got no label", 1 - bars.answered),
        (changed & ~flipped, "changed a label otherwise", bars.changed),
    ):
        parts = [which, *(which[of] for of in by_aim.values())]
        if any(part.sum() > max(1, round(most * len(part), 9)) for part in parts):
            reasons.append(missed(which, words, f"{most:.0%} of all or of an aim"))
    return reasons


def verdict_row(result: TrialResult, bars: TrialBars) -> dict[str, Any]:
    """Return what is stored of a trial's result, as JSON values."""
    tables = {name: getattr(result, name) for name in ("agreement", "variants", "attacks")}
    records = {
        name: [
            {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
            for row in table.to_dict("records")
        ]
        for name, table in tables.items()
    }
    kept = {"passed": result.passed, "reasons": result.reasons, "bars": bars._asdict(), "chances": result.chances}
    return kept | records
