"""Questions of a trial: a sample of labelled sentences, asked plainly, as variants, and under attack."""

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from g7tag.codebook import Codebook
from g7tag.llm import Question
from g7tag.llm.prompt import Context, Prompt, contexts_of, make_prompts
from g7tag.llm.trial.attacks import PLAIN, Attack, Variant, all_attacks, attacked, other_variants, plain, retyped

ATTACK = "attack"
_NEEDED = ["sentence_id", "dimensions", "strength", "contradicts"]


class TrialSize(NamedTuple):
    """Size of a trial: sentences asked plainly (whole items), sentences asked as variants, attacks (None: all)."""

    sentences: int = 100
    varied: int = 20
    attacks: int | None = None
    random_state: int = 0


class Tried(NamedTuple):
    """Question of a trial: sentence, kind of question, key used for each dimension, and attack, if any."""

    sentence_id: str
    part: str
    question: Question
    keys: Mapping[str, str]
    attack: Attack | None = None


def draw_sample(corpus: pd.DataFrame, size: TrialSize) -> pd.DataFrame:
    """Return whole items of a corpus's dev part, drawn until they have at least the requested number of sentences."""
    own = corpus[corpus["part"].isin(["", "dev"])]
    items = own["item_id"].unique()
    order = [str(items[place]) for place in np.random.default_rng(size.random_state).permutation(len(items))]
    lengths = own["item_id"].value_counts().reindex(order)
    taken = lengths.cumsum().shift(fill_value=0) < size.sentences
    chosen = [str(item) for item in lengths.index[taken]]
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
    tried = _ask(plain(codebook), contexts)
    chosen = random.Random(size.random_state).sample(contexts, min(size.varied, len(contexts)))  # noqa: S311
    return tried + [one for variant in other_variants(codebook) for one in _ask(variant, chosen)]


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
            for row in frame[_NEEDED].to_dict("records")
        }
        for frame in (answers, sample)
    )
    chosen: list[tuple[Attack, Context]] = []
    for attack in attacks:
        found = [[name for name, label in labels.items() if attack.fits(label)] for labels in (given, labelled)]
        fitting = found[0] or found[1]
        if not fitting:
            continue
        one = contexts[dice.choice(fitting)]
        _, item, place = attacked(attack, one.item, one.place)
        chosen.append((attack, one._replace(item=item, place=place)))
    prompts, keys = make_prompts([one for _, one in chosen], codebook), plain(codebook).keys
    return [
        Tried(one.sentence_id, ATTACK, Question(prompt, codebook), keys, attack)
        for (attack, one), prompt in zip(chosen, prompts, strict=True)
    ]


def _ask(variant: Variant, contexts: Sequence[Context]) -> list[Tried]:
    changed = [_vary(one, variant) for one in contexts]
    prompts: list[Prompt] = make_prompts(changed, variant.codebook, version=variant.version)
    return [
        Tried(one.sentence_id, variant.name, Question(prompt, variant.codebook, variant.repeat), variant.keys)
        for one, prompt in zip(contexts, prompts, strict=True)
    ]


def _vary(context: Context, variant: Variant) -> Context:
    near = context.neighbours if variant.examples else context.neighbours.head(0)
    if variant.name != PLAIN and variant.examples:
        near = near.assign(dimensions=[renamed(joined, variant.keys) for joined in near["dimensions"]])
    item = [retyped(text) for text in context.item] if variant.retyped else context.item
    return context._replace(item=item, neighbours=near)


def renamed(joined: str, keys: Mapping[str, str]) -> str:
    """Return dimensions joined by ";" with other keys."""
    return ";".join(keys[key] for key in joined.split(";") if key)
