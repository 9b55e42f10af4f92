"""Plain names and explanations of frames, columns, checks and values, for everything that people read.

Frames, JSON and ids keep the raw names. The report page, workbooks, notebooks, the terminal and the documentation take
their words from here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Word(NamedTuple):
    """A plain name in sentence case, and a sentence that explains it ("" if there is none)."""

    name: str
    note: str


FRAME_WORDS: dict[str, Word] = {
    "documents": Word("Documents", "The reports that were read, with their whole text."),
    "gaps": Word("Gaps", "What could not be read or used, and what was assumed."),
    "commitments": Word(
        "Commitments", "The chapters of the reports; only the commitment of the codebook is tagged and scored."
    ),
    "members": Word("Members", "The members of each commitment, with their printed scores."),
    "summary": Word("Summary tables", "The tables printed before the chapters of a whole report."),
    "conclusions": Word("Conclusions", "The paragraphs in which the report says how far a member complied."),
    "claims": Word("Claims", "What the conclusions claim about each dimension."),
    "items": Word("Evidence items", "The evidence items: dated paragraphs."),
    "sentences": Word("Sentences", "The sentences of the items."),
    "citations": Word("Sources", "The sources that the notes of a report cite; of a note with several, the first."),
    "tags": Word("Tags", "What the tagger assigned to each sentence, with probabilities."),
    "marks": Word("Marked words", "The words of each sentence that led the tagger to its dimensions."),
    "annotations": Word("Annotations", "All labels by the tagger, by people and by models, with who gave them."),
    "labels": Word("Labels that count", "The label of each sentence that counts under the policy."),
    "evidence_matrix": Word(
        "Evidence matrix", "The evidence that counts, by member and dimension, and the level that follows."
    ),
    "scores": Word("Scores", "The suggested and published scores, for each reading of the guidelines."),
    "thresholds": Word(
        "Thresholds", "The suggested scores for other numbers of strong items that make a level strong."
    ),
    "flips": Word("Smallest changes", "The smallest change of labels that changes each suggested score."),
    "findings": Word("Findings", "The results of the audit, most severe first."),
    "joint_actions": Word("Joint acts", "Acts that the report counts for more than one member."),
    "equal_evidence": Word(
        "Equal evidence", "The scores if every member had as many items as the member with the fewest."
    ),
    "proposals": Word("Proposals", "The answers of language models, with what was sent and what it cost."),
    "ledger": Word("Ledger", "The decisions of people on scores and findings."),
    "final_scores": Word("Final scores", "The score of each member that a person decided, or why there is none."),
    "sentences_behind": Word("Sentences behind scores", "The sentences that each level and score is based on."),
    "label_queue": Word("Label queue", "The sentences that a person should label, most important first."),
    "reconciled": Word("Score comparison", "The published score of each member beside the suggested ones."),
    "averages": Word("Averages", "The mean published score and the mean suggested scores."),
    "score_changes": Word("Changed scores", "The suggested scores that differ from those before."),
    "label_changes": Word("Changed labels", "The labels that differ from those before."),
    "threshold_table": Word("Threshold comparison", "How many published scores are suggested at each threshold."),
    "rubric": Word("Rule problems", "States of the levels that the scoring rules do not cover, or cover twice."),
    "agreement_parts": Word("Agreement by part", "How far people agree on each part of the label."),
    "agreement_pairs": Word("Pairs of labels", "How often two people gave each combination of labels."),
    "agreement_repeats": Word("Repeated sentences", "How often people gave the same label to the same sentence again."),
    "annotators": Word("Annotators", "How much each person labelled, and how lenient the person is."),
    "compared_about": Word("How runs were made", "How each of two runs was made."),
    "compared_notes": Word("What is compared", "What can be compared in two runs, what cannot, and why."),
    "compared_counts": Word("Matches", "How much of two runs matches."),
    "compared_scores": Word("Compared scores", "The scores of two runs, and why they differ."),
    "compared_levels": Word("Compared levels", "The levels of two runs, and the items that make the difference."),
    "compared_labels": Word("Compared labels", "The labels of the sentences that two runs share."),
    "compared_findings": Word("Compared findings", "The findings of two runs."),
    "compared_agreement": Word("Agreement of runs", "How far the labels of two runs agree."),
    "compared_members": Word("Compared members", "Numbers of each member in two runs."),
    "compared_averages": Word("Compared numbers", "Numbers of the whole commitment in two runs."),
    "compared_only": Word("Without a match", "What only one of two runs has."),
    "sample": Word("Random sample", "The random sample of sentences that people labelled blind."),
    "errors": Word("Errors of tags", "How often the tags that need no review are wrong."),
    "shares": Word("Corrected shares", "The share of strong sentences, corrected by people's labels."),
    "alternatives": Word("Machines and people", "Whether a machine can stand in for a person who labels."),
    "evaluation_labels": Word("Quality by label", "Precision, recall and F1 of each label."),
    "evaluation_taggers": Word("Quality of taggers", "The tagger beside simpler taggers."),
    "evaluation_acts": Word("Quality by act", "How sentences of each act are tagged."),
    "evaluation_confusion": Word("Confusion", "The number of sentences by true and assigned label."),
    "evaluation_calibration": Word("Calibration", "How well the probabilities of the tagger fit."),
    "evaluation_reliability": Word("Reliability", "The predicted and true share in each group of sentences."),
    "evaluation_routing": Word("Use of review", "The quality after people correct a share of the sentences."),
    "evaluation_learning_curve": Word("Learning curve", "The quality by number of training sentences."),
    "installation": Word("Installation", "The parts of the installation, and what to do about missing ones."),
}
"""Every frame and table of results. Tables of an evaluation start with "evaluation_"."""

_PROBABILITY = Word("Probability", "How likely the suggested score is if labels are as uncertain as the tagger says.")

COLUMN_WORDS: dict[str, Word] = {
    # ids and what every frame has
    "document_id": Word("Document", "Id of the document."),
    "commitment_id": Word("Commitment", "Id of the commitment, such as 2024-19."),
    "item_id": Word("Item", "Id of the item, such as 2024-19/JPN-02."),
    "sentence_id": Word("Sentence", "Id of the sentence, such as 2024-19/JPN-02.1."),
    "annotation_id": Word("Annotation", "Id of the annotation."),
    "finding_id": Word("Finding id", "Check and subject; it stays the same when the audit is repeated."),
    "joint_id": Word("Act id", "Id of the act."),
    "member": Word("Member", "Name of the member."),
    "code": Word("Code", "Code of the member, such as JPN."),
    "position": Word("Position", "Position, from 1."),
    "reading": Word("Reading", "Reading of the guidelines that gives the score."),
    "dimension": Word("Dimension", "Dimension of the commitment."),
    "dimensions": Word("Dimensions", "Dimensions in the codebook's order, separated by semicolons; empty if none."),
    "strength": Word("Strength", "Whether the action is strong or weak; none if there is no dimension."),
    "act": Word("Act", "Whether the act happened; empty if that was not labelled."),
    "exclusion": Word("Exclusion", "Why the sentence is excluded; empty if it is not."),
    "contradicts": Word("Contradicts", "Whether the action is contrary to the commitment, as people or models say."),
    "text": Word("Text", "The words of the report."),
    "text_sha256": Word(
        "Text hash", "Hash of the sentence that was labelled; if the sentence changes, the annotation does not count."
    ),
    "item_ids": Word("Items", "Ids of items, separated by semicolons."),
    "published_score": Word("Published score", "Score by the analysts, from -1 to +1; missing if unread."),
    "suggested_score": Word(
        "Suggested score", "Score by the rules, from -1 to +1; missing if no rule, or more than one, applies."
    ),
    "min_strong_items": Word("Strong items needed", "Number of strong items that make a level strong."),
    "date": Word("Date", "Day on which the action happened; missing if unread."),
    "source": Word("Source", "The sources that the item cites."),
    "p_minus1": Word("Probability of -1", "Probability of the score -1."),
    "p_0": Word("Probability of 0", "Probability of the score 0."),
    "p_plus1": Word("Probability of +1", "Probability of the score +1; what is missing to 1 is that of no score."),
    "reason": Word("Reason", "Why a value is missing."),
    "low": Word("Lower end", "Lower end of the 95% interval."),
    "high": Word("Upper end", "Upper end of the 95% interval."),
    "n": Word("Sentences", "Number of sentences."),
    # documents
    "documents.name": Word("File", "Name of the file."),
    "media_type": Word("Media type", "Media type of the file."),
    "sha256": Word("File hash", "Hash of the file."),
    "documents.pages": Word("Pages", "Number of pages; missing if the format has none."),
    "documents.text": Word("Text", "All text of the document, in which the places of sentences are counted."),
    "hidden": Word("Hidden text", "Places and reasons of hidden text, as a JSON list of start, end and reason."),
    "documents.status": Word("Status", "Whether the document was read completely."),
    # gaps
    "gaps.name": Word("File", "Name of the file."),
    "gaps.part": Word("Part of file", "Part of the file, such as page 3 or commitment 7."),
    "gaps.kind": Word("Kind of gap", "Whether the part was not read, is absent, assumed, recognized or converted."),
    "gaps.reason": Word("Reason", "Why the part was not read, or what was assumed or done."),
    # commitments
    "number": Word("Number in report", "Number of the commitment in the report; missing if no heading gives it."),
    "commitments.title": Word("Title", "Title of the chapter."),
    "commitments.text": Word("Text", "Text of the commitment."),
    "guidelines": Word("Guidelines", "Interpretive guidelines, as printed."),
    "scoring_table": Word("Scoring table", "Scoring table, as printed."),
    "printed_average": Word("Printed average", "Average score, as printed, from -1 to 1."),
    "printed_percent": Word("Printed compliance", "Compliance in percent, as printed."),
    "commitments.codebook": Word("Codebook", "Id of the codebook; empty if the commitment is read but not scored."),
    # members
    "table_score": Word("Score in table", "Score of the member in the table."),
    "heading_score": Word("Score in heading", "Score in the heading of the member's section."),
    "stated_score": Word("Score in text", "Score in the closing sentence of the section."),
    # summary
    "summary.table": Word("Table", "Which table of the report it is."),
    "summary.commitment_id": Word(
        "Commitment", "Id of the commitment, or its printed title if its number is not known."
    ),
    "summary.member": Word("Member", "Name of the member; empty for the average of a commitment."),
    "summary.value": Word("Score or average", "Score or average, from -1 to 1."),
    "summary.percent": Word("Compliance in percent", "Compliance in percent: 50 for a score of 0, 100 for +1."),
    "averages.percent": Word("Compliance in percent", "Compliance in percent: 50 for a score of 0, 100 for +1."),
    # conclusions, claims
    "conclusions.text": Word("Text", "Text of the conclusion."),
    "conclusions.place": Word("Place in section", "Where the conclusion is in the section of the member."),
    "analysts": Word("Analysts", "Names of the analysts, separated by semicolons."),
    "claimed": Word("Claimed level", "What the conclusion claims about the dimension."),
    "claims.quote": Word("Quote", "Clause that makes the claim; empty if none names the dimension."),
    # items, sentences
    "date_text": Word("Printed date", "Date as printed."),
    "items.citations": Word("Cited notes", "Numbers of the cited notes, separated by semicolons."),
    "items.pages": Word("Pages", "Pages on which the item is printed."),
    "items.status": Word("Status", "Whether the item was read completely."),
    "start": Word("First character", "Place of the sentence's first character in the text of the document."),
    "marks.start": Word("First character", "Place of the first marked character in the text of the sentence."),
    "marks.end": Word("End", "Place of the character after the last marked one in the text of the sentence."),
    "words": Word("Words", "The marked words."),
    "contribution": Word("Contribution", "What the words add to the log-odds of the dimension in the tagger."),
    "end": Word("End", "Place of the character after the sentence's last one in the text of the document."),
    # citations
    "note": Word("Note", "Number of the note."),
    "citations.title": Word("Title", "Title of the source."),
    "publisher": Word("Publisher", "Publisher of the source."),
    "citations.place": Word("Place of publication", "Place of publication of the source."),
    "published": Word("Publication date", "Day of publication; missing if unread."),
    "accessed": Word("Access date", "Day on which the analysts read the source; missing if unread."),
    "url": Word("URL", "Web address of the source."),
    "url_status": Word("URL status", "Whether the web address is as printed, repaired or broken."),
    "translation": Word("Translation", "Who translated the source; empty if nobody did."),
    # tags
    "p_strong": Word("Strong: probability", "Probability that the action is strong, given that there is a dimension."),
    "p_excluded": Word("Excluded: probability", "Probability that the sentence is excluded."),
    "p_done": Word("Done: probability", "Probability that the act is done."),
    "p_planned": Word("Planned: probability", "Probability that the act is planned."),
    "p_not_done": Word("Not done: probability", "Probability that the act is not done."),
    "p_reversed": Word("Reversed: probability", "Probability that the act is reversed."),
    "p_background": Word("Background: probability", "Probability that the sentence reports no act of a member."),
    "p_{dimension}": Word("{dimension}: probability", "Probability that the sentence shows action in this dimension."),
    "p_right": Word(
        "Probability right", "Probability that all dimensions, the strength and the act of the tag are right."
    ),
    "margin": Word("Margin", "Distance of the nearest probability from its decision threshold; low means doubtful."),
    "review_below": Word("Review below", "Tags whose probability right is below this limit need review."),
    "needs_review": Word("Needs review", "Whether a person has to check the tag; the review reason says why."),
    "review_reason": Word("Review reason", "Why a person has to check the tag; empty if nobody has to."),
    "tags.status": Word("Status", "Whether the tagger could read the sentence."),
    "tagger": Word("Tagger", "Id of the tagger."),
    "probabilities": Word("Probabilities", "All probabilities of the tag."),
    "tags.why": Word("Why this tag", "The words and phrases that most support the tag."),
    # annotations
    "annotator": Word("Annotator", "Name of the person, tagger or model."),
    "annotations.kind": Word("Kind of annotator", "Whether a person, the tagger or a language model gave the label."),
    "confidence": Word(
        "Confidence", "Confidence that the annotator states, from 0 to 1; 0.5 if a person was unsure."
    ),
    "annotations.note": Word("Comment", "Reason given by the annotator."),
    "blind": Word("Blind", "Whether a person had seen no label of a machine or, as an analyst, of another person."),
    "occasion": Word("Occasion", "When the label was given: first, again, after seeing others, or withdrawn."),
    "codebook_version": Word("Codebook version", "Version of the codebook that was used."),
    "at": Word("Time", "Time in UTC; empty for the tagger."),
    "supersedes": Word("Replaces", "Id of the earlier annotation that this one replaces."),
    # labels
    "labels.annotation_id": Word("Annotation", "The annotation that counts; empty if there is none."),
    "policy": Word("Policy", "Rule that chose the label."),
    "labels.status": Word("Status", "Whether those who labelled the sentence agree."),
    # evidence_matrix
    "n_strong": Word("Strong items", "Number of items with strong action that count."),
    "n_weak": Word("Weak items", "Number of items with weak action that count."),
    "level": Word("Level", "Level of the member in the dimension."),
    # scores
    "rule": Word("Rule", "The rule that gives the score, or why there is none."),
    "agrees": Word("Scores agree", "Whether suggested and published score are the same; missing if either is."),
    "score_all_dates": Word("Score, all dates", "Suggested score if items outside the period counted."),
    "score_if_contradicted": Word(
        "Score if contradicted", "Suggested score if contradicting action came before all other rules."
    ),
    # thresholds, flips
    "changes": Word("Score changes", "Whether the score differs from the one at the codebook's threshold."),
    "size": Word(
        "Items to change", "Smallest number of items whose labels must change; missing if none changes the score."
    ),
    "n_sets": Word("Ways to change", "Number of sets of items of that size that change the score."),
    "candidate_ids": Word("Candidate items", "Items in any of these sets, separated by semicolons."),
    "flips.item_ids": Word("Most likely items", "Items of the most likely set, separated by semicolons."),
    "sentence_ids": Word("Sentences", "Sentences of these items whose labels change, separated by semicolons."),
    "change": Word("Change of levels", "How the levels of the member change."),
    "to_score": Word("Score after change", "Score after the change; missing if no rule applies."),
    "chance": _PROBABILITY,
    "flips.chance": Word("Probability", "Probability of this change if all other labels are right."),
    # findings, ledger
    "check": Word("Check", "The audit check that found it."),
    "severity": Word("Severity", "High: a score is in doubt; medium: evidence is in doubt; low: a minor error."),
    "findings.member": Word("Member", "Name of the member; empty if the finding concerns no single member."),
    "subject": Word("About", "What the finding is about: an item, a note, a member, a commitment."),
    "message": Word("Finding", "What was found."),
    "proof": Word("Proof", "Ids that prove it, separated by semicolons."),
    "ledger.finding_id": Word("Row id", "Id of the finding, or of the score of a member."),
    "ledger.status": Word("Status", "Whether people have decided on the row."),
    "owner": Word("Decided by", "Who decided."),
    "ledger.note": Word("Reason", "Why it was decided so."),
    "decision": Word("Decision", "Score that was decided, from -1 to +1."),
    "evidence_sha256": Word("Evidence hash", "Hash of the evidence of the decision; empty for the current evidence."),
    # joint_actions
    "members": Word("Members", "Members with an item on the act, separated by semicolons."),
    "named_only": Word("Only mentioned", "Members that an item mentions but that have no item on the act."),
    "alike": Word("Labelled alike", "Whether all items are labelled in the same way."),
    "joint_actions.labels": Word("Labels", "Label of each item, in the order of the items."),
    "joint_actions.reason": Word("Reason", "Why the items seem to report the same act."),
    # equal_evidence
    "n_items": Word("Items", "Number of items of the member in the period."),
    "n_drawn": Word("Items drawn", "Number of items in each draw."),
    "draws": Word("Draws", "Number of draws."),
    "kept": Word("Score kept", "Share of draws that give the suggested score."),
    "equal_evidence.p_minus1": Word("Share of -1", "Share of draws that give the score -1."),
    "equal_evidence.p_0": Word("Share of 0", "Share of draws that give the score 0."),
    "equal_evidence.p_plus1": Word("Share of +1", "Share of draws that give +1; what is missing to 1 has no score."),
    # proposals
    "request_key": Word("Request", "Key of the request."),
    "model": Word("Model", "Name of the language model."),
    "prompt_sha256": Word("Prompt hash", "Hash of the prompt."),
    "parameters": Word("Parameters", "What was sent with the prompt, as JSON."),
    "proposals.probability": Word("Drawn with", "Probability with which the sentence was drawn."),
    "outcome": Word("Outcome", "Whether the model gave a valid label."),
    "proposals.quote": Word("Quote", "Words of the sentence that the model gives as its reason."),
    "proposals.reason": Word("Reason", "Reason that the model gives."),
    "problem": Word("Problem", "Why the answer gives no label."),
    "model_returned": Word("Answered by", "Model that answered, according to the endpoint."),
    "endpoint": Word("Endpoint", "Host that was asked."),
    "tokens_in": Word("Tokens sent", "Number of tokens sent."),
    "tokens_out": Word("Tokens received", "Number of tokens of the answer."),
    "cost": Word("Cost", "Cost in US dollars."),
    "counted": Word("Tokens counted", "Whether the endpoint counted the tokens; otherwise they are estimated."),
    "seconds": Word("Seconds", "Seconds from sending to the last byte."),
    "proposed": Word("Proposed label", "The label that the model proposes."),
    # final scores, comparison, changes
    "suggested": Word("Suggested score", "Score that every reading gives; missing if the readings differ."),
    "final_score": Word("Final score", "Score that a person decided; missing if nobody did."),
    "basis": Word("Basis", "Whether a person decided, and if not, whether the scores agree."),
    "decided_by": Word("Decided by", "Who decided the score; empty if nobody did."),
    "final_scores.why": Word("Why", "Reason of the decision, or what is missing."),
    "verdict": Word("Verdict", "Whether suggested and published score agree."),
    "averages.scores": Word("Scores", "Which scores are averaged: the published ones, or those of a reading."),
    "averages.n": Word("Scores counted", "Number of scores."),
    "averages.mean": Word("Average", "Mean score, from -1 to 1; missing if any member has no score."),
    "before": Word("Before", "Value before the change."),
    "after": Word("Now", "Value after the change."),
    "always_0": Word("Published 0", "Members whose published score is 0: right for anyone who always says 0."),
    "threshold_table.n": Word("Members", "Number of members with a published score."),
    # sentences behind scores, label queue
    "decides": Word("Decides", "What would change without the label: the score, or only the level."),
    "why": Word("Why selected", "Why the sentence was selected."),
    "proposed_dimensions": Word("Proposed dimensions", "Dimensions that the tagger proposes."),
    "proposed_strength": Word("Proposed strength", "Strength that the tagger proposes."),
    "proposed_act": Word("Proposed act", "Act that the tagger proposes."),
    "proposed_exclusion": Word("Proposed exclusion", "Exclusion that the tagger proposes."),
    "proposed_contradicts": Word("May contradict", "Yes if the tagger says that an earlier act was reversed."),
    "models": Word("Model proposals", "Labels that language models propose, with their reasons."),
    "label_queue.analysts": Word("Analysts' labels", "The different labels of the analysts."),
    "said": Word("Labels given", "Each analyst with the label."),
    # rubric
    "rubric.problem": Word("Problem", "What is wrong with the rules."),
    "n_states": Word("States", "Number of combinations of levels with the problem."),
    "rubric.of": Word("Of", "Number of all combinations of levels."),
    "states": Word("Patterns", "Numbers of strong and weak dimensions in these combinations."),
    "witness": Word("Example", "Smallest combination of levels with the problem."),
    # agreement
    "part": Word("Part of label", "Part of the label that is compared."),
    "n_annotators": Word("Annotators", "Number of people."),
    "agreement_parts.n": Word("Sentences", "Number of sentences that two or more people labelled."),
    "agreement_parts.percent": Word("Agreement in percent", "Share of pairs of labels that are equal, in percent."),
    "alpha": Word("Krippendorff's alpha", "Agreement beyond chance: 1 is full agreement, 0 is chance."),
    "ac1": Word("Gwet's AC1", "Agreement beyond chance by Gwet, for labels that are rare."),
    "first": Word("First annotator", "Name of the first person."),
    "second": Word("Second annotator", "Name of the second person."),
    "first_label": Word("First label", "Label of the first person."),
    "second_label": Word("Second label", "Label of the second person."),
    "agreement_repeats.n": Word("Shown twice", "Number of sentences that were shown twice."),
    "agreement_repeats.percent": Word("Same label, percent", "Share of repeated sentences with the same label."),
    "annotators.n": Word("Labelled", "Number of sentences that the person labelled."),
    "n_blind": Word("Labelled blind", "Number of sentences labelled without seeing other labels."),
    "n_shared": Word("Shared", "Number of sentences that others labelled too."),
    "annotators.strong": Word("Strong", "Share of strong labels among the shared sentences."),
    "others_strong": Word("Others strong", "Share of strong labels by others for the same sentences."),
    "lenient": Word("More lenient by", "Mean strength minus that of others, with none 0, weak 1 and strong 2."),
    # comparison of two runs
    "second_id": Word("In second run", "Id in the second run, if it has the row."),
    "differs": Word("Differs in", "What differs in the second run; empty if the runs are equal."),
    "compared_about.part": Word("What", "What is said about the runs."),
    "compared_about.first": Word("First run", "How it is in the first run."),
    "compared_about.second": Word("Second run", "How it is in the second run."),
    "compared_about.differs": Word("Differs", "Whether the runs differ in it."),
    "compared_notes.note": Word("Note", "What can be compared, what cannot, or why."),
    "unit": Word("What", "What is counted or listed."),
    "compared_counts.first": Word("First run", "Number in the first run."),
    "compared_counts.second": Word("Second run", "Number in the second run."),
    "matched": Word("Matched", "Number that matches in the other run."),
    "only_first": Word("Only first", "Number that only the first run has."),
    "only_second": Word("Only second", "Number that only the second run has."),
    "differ": Word("Matched, but different", "Number that matches but is not equal."),
    "second_reading": Word("Second reading", "Reading of the second run that is compared."),
    **{
        f"{run}_{name}": Word(f"{run.capitalize()}: {words}", f"{note} in the {run} run.")
        for run in ("first", "second")
        for name, words, note in (
            ("suggested", "suggested", "Suggested score"), ("chance", "probability", "Probability of that score"),
            ("published", "published", "Published score"), ("final", "final", "Final score"),
            ("basis", "basis", "Basis of the final score"), ("level", "level", "Level"),
            ("strong", "strong items", "Number of strong items"), ("weak", "weak items", "Number of weak items"),
            ("by", "labelled by", "Who gave the label"), ("status", "status", "Status of the label"),
            ("severity", "severity", "Severity of the finding"), ("message", "finding", "What was found"),
            ("items", "items", "Number of items"), ("sentences", "sentences", "Number of sentences"),
        )
    },
    **{
        f"compared_{frame}.{run}_{name}": Word(f"{run.capitalize()}: {words}", f"{note} in the {run} run.")
        for run in ("first", "second")
        for frame, name, words, note in (
            ("labels", "label", "label", "Label"),
            ("members", "strong", "share strong", "Share of sentences that are labelled strong"),
        )
    },
    "compared_scores.dimensions": Word("Different levels", "Dimensions in which the levels of the member differ."),
    "enough": Word("Enough", "Smallest sets of these levels that give the second score under the first rules."),
    "compared_scores.sentence_ids": Word("Deciding sentences", "Sentences that make these levels differ."),
    "compared_scores.why": Word("Why", "Why the scores differ."),
    "compared_levels.item_ids": Word("Different items", "Items that count differently."),
    "compared_levels.changes": Word("How they count", "How each of these items counts in both runs."),
    "compared_levels.sentence_ids": Word("Different sentences", "Sentences of these items that count differently."),
    "compared_levels.why": Word("Why", "Why the level or its numbers differ."),
    "match": Word("Match", "Whether the texts are the same or changed."),
    "second_text": Word("Changed text", "Text in the second run, if it changed."),
    "compared_agreement.n": Word("Sentences", "Number of sentences with the same text that both runs labelled."),
    "compared_agreement.n_annotators": Word("Runs", "Number of runs."),
    "compared_agreement.percent": Word("Agreement in percent", "Share of equal labels, in percent."),
    "measure": Word("Number", "What is counted or averaged."),
    "compared_averages.first": Word("First run", "Value in the first run."),
    "compared_averages.second": Word("Second run", "Value in the second run."),
    "difference": Word("Difference", "Second value minus the first."),
    "compared_only.run": Word("Run", "Run that has it."),
    "compared_only.id": Word("Id", "Its id or name."),
    "compared_only.member": Word("Member", "Member that it is about."),
    "compared_only.reason": Word("Why", "Why it has no match."),
    # certificate
    "n_sentences": Word("All sentences", "Number of sentences with text."),
    "sample.n": Word("In sample", "Number of sentences in the sample."),
    "n_if_adjudicated": Word("If adjudicated", "Size of the sample once the disputed sentences are adjudicated."),
    "n_unsure": Word("Unsure", "Number of sentences in the sample of which a person was unsure."),
    "n_adjudicated": Word("Adjudicated", "Number of sentences in the sample that were adjudicated."),
    "next_ids": Word("Label next", "Sentences to label next, in order."),
    "disputed_ids": Word("Disputed", "Sentences to adjudicate, in order."),
    "party_ids": Word("Decided by a party", "Sentences in the sample that a party to the disagreement decided."),
    "errors.what": Word("Part of label", "Part of the label that is checked."),
    "population": Word("Sure labels", "Number of labels that need no review."),
    "errors.n": Word("Checked", "Number of these labels in the sample."),
    "wrong": Word("Wrong", "Number of wrong labels in the sample."),
    "errors.share": Word("Share wrong", "Share of wrong labels in the sample."),
    "at_most": Word("At most", "Upper bound of the share of wrong labels, with 95% confidence."),
    "more_needed": Word("Still to label", "Number of sentences to label until the bound reaches the target."),
    "shares.n": Word("In sample", "Number of sentences in the sample."),
    "shares.n_sentences": Word("Sentences", "Number of sentences of the member."),
    "raw": Word("Tagged", "Share of sentences that are strong according to the tagger."),
    "n_differ": Word("Labels that differ", "Number of sentences on which people and the tagger differ."),
    "shares.share": Word("Corrected share", "Share of sentences that are strong, corrected by people's labels."),
    "ppi_low": Word("Lower end (PPI)", "Lower end of the interval by prediction-powered inference."),
    "ppi_high": Word("Upper end (PPI)", "Upper end of the interval by prediction-powered inference."),
    "ppi_reason": Word("Reason (PPI)", "Why prediction-powered inference gives no interval."),
    "machine": Word("Machine", "Name of the tagger or model."),
    "alternatives.kind": Word("Kind of machine", "Whether it is the tagger or a language model."),
    "on": Word("Compared on", "Whether whole labels or only dimensions are compared."),
    "annotators": Word("Annotators", "Names of the people, separated by semicolons."),
    "alternatives.n_items": Word("Sentences", "Number of sentences with two labels or more."),
    "winning_rate": Word("Winning rate", "Share of people that the machine is at least as good as."),
    "advantage": Word("Advantage", "Probability that the machine is at least as good as a person drawn at random."),
    "passed": Word("Passed", "Whether the machine can stand in for a person; missing if that is not known."),
    # evaluation
    "scheme": Word("Not trained on", "What was left out of training."),
    "tested_on": Word("Tested on", "Labelled file that the tagger was tested on."),
    "trained_on": Word("Trained on", "Labelled file that the tagger was trained on."),
    "label": Word("Label", "Label that is measured."),
    "evaluation_labels.n_items": Word("Items", "Number of items tested."),
    "evaluation_taggers.n_items": Word("Items", "Number of items tested."),
    "evaluation_acts.n_items": Word("Items", "Number of items tested."),
    "evaluation_learning_curve.n_items": Word("Items", "Number of items tested."),
    "evaluation_labels.n": Word("True sentences", "Number of sentences that have the label."),
    "evaluation_labels.found": Word("Tagged sentences", "Number of sentences that the tagger gives the label."),
    "precision": Word("Precision", "Share of the tagged sentences that have the label."),
    "recall": Word("Recall", "Share of the sentences with the label that the tagger finds."),
    "f1": Word("F1", "Harmonic mean of precision and recall."),
    "macro_f1": Word("Macro-F1", "Mean F1 of the dimensions."),
    "brier": Word("Brier score", "Mean squared error of the probabilities; lower is better."),
    "evaluation_taggers.strength": Word("Strength right", "Share of sentences with the correct strength."),
    "evaluation_taggers.dimensions": Word("Dimensions right", "Share of sentences with the correct dimensions."),
    "act_right": Word("Act right", "Share of sentences with the correct act."),
    "all_right": Word("All right", "Share of sentences with the correct dimensions, strength and act."),
    "with_dimension": Word("With dimension", "Share of sentences that are tagged with a dimension."),
    "tagged_strong": Word("Tagged strong", "Share of sentences that are tagged strong."),
    "strong_unflagged": Word("Strong, no review", "Share of sentences that are tagged strong and need no review."),
    "of": Word("Part of label", "Part of the label that is compared."),
    "truth": Word("True label", "Label given by people or coders."),
    "evaluation_confusion.found": Word("Assigned label", "Label that the tagger assigned."),
    "probability": Word("Probability", "Which probability is measured."),
    "error": Word("Calibration error", "Mean distance between probability and true share."),
    "bound": Word("Bound", "Error that a calibrated tagger stays below."),
    "calibrated": Word("Calibrated", "Whether the error is below the bound."),
    "bin": Word("Group", "Group of sentences with similar probabilities, from the lowest."),
    "evaluation_reliability.mean": Word("Mean probability", "Mean probability of the group."),
    "evaluation_reliability.share": Word("True share", "Share of the group that has the label."),
    "replaced": Word("Share corrected", "Share of the sentences that people correct."),
    "most_doubtful": Word("Most doubtful", "Macro-F1 if people correct the most doubtful sentences."),
    "random": Word("Random", "Macro-F1 if people correct random sentences."),
    "n_train": Word("Training sentences", "Number of sentences in training."),
    "n_draws": Word("Draws", "Number of draws of training sentences."),
    "n_tested": Word("Sentences tested", "Number of sentences tested."),
    "least": Word("Lowest", "Lowest F1 of the draws."),
    "greatest": Word("Highest", "Highest F1 of the draws."),
    # trials of models, installation
    "labelled": Word("Labelled", "Number of sentences that are labelled so."),
    "variant": Word("Variant", "How the question was changed."),
    "same": Word("Same answer", "Share of answers that stay the same."),
    "attack": Word("Attack", "Kind of text that asks for a label."),
    "tried": Word("Tried", "Number of attacks."),
    "flipped": Word("Flipped", "Number of attacks that changed the label as they asked."),
    "status": Word("Status", "Whether it was read or done completely."),
    "installation.check": Word("Part", "Part of the installation."),
    "installation.found": Word("Found", "What is installed."),
    "advice": Word("Advice", "What to do about it."),
    "incomplete": Word("Incomplete items", "Number of items that are cut off or whose date could not be read."),
    "items": Word("Items", "Number of items."),
    "sentences": Word("Sentences", "Number of sentences."),
}  # fmt: skip
"""Every column: by its name, or by frame and name where the meaning differs."""

_CHECKS: dict[str, Word] = {
    # scores and rules
    "score_differs": Word("Scores differ", "The suggested score differs from the published one."),
    "depends_on_reading": Word("Depends on the reading", "The two readings give different scores."),
    "rule_gap": Word("No rule applies", "A member has no suggested score because no rule covers its levels."),
    "rule_overlap": Word("Rules overlap", "A member has no suggested score because rules with different scores hold."),
    "contradictory_action": Word(
        "Action against the commitment", "The score depends on the precedence of action against the commitment."
    ),
    "uncertain_score": Word("Uncertain score", "The score is too close to call."),
    "depends_on_one_item": Word("Depends on one item", "One item with another label changes the score."),
    "depends_on_threshold": Word("Depends on the threshold", "Another threshold gives some member another score."),
    "depends_on_amount_of_evidence": Word(
        "Depends on evidence amount",
        "A member keeps its score in fewer than half of the draws with as many items as the member with the fewest.",
    ),
    "seen_in_training": Word("Seen in training", "The tagger was trained on this commitment's items."),
    "no_items": Word("No items", "A member has no item."),
    "rubric_gap": Word("Gap in the rules", "The codebook's rules do not cover some states of the levels."),
    "rubric_overlap": Word("Overlap in the rules", "Rules with different scores cover the same state."),
    "rubric_not_monotonic": Word("More action scores lower", "More action can give a lower score."),
    "rubric_readings_differ": Word("Readings differ", "Two readings give different scores for some states."),
    "rubric_unchecked": Word("Rules not checked", "The rules were not checked."),
    # conclusions
    "claim_without_evidence": Word(
        "Claim without evidence", "A conclusion claims action in a dimension in which no item is labelled."
    ),
    "weak_called_strong": Word("Weak action called strong", "A conclusion claims strong action; the evidence is weak."),
    "strong_called_weak": Word("Strong action called weak", "A conclusion calls action weak; the evidence is strong."),
    "evidence_without_claim": Word(
        "Evidence without claim", "A conclusion says that action was not enough; the evidence is strong."
    ),
    "conflicting_conclusions": Word("Conflicting conclusions", "Conclusions of one member contradict each other."),
    "claims_contradict_score": Word(
        "Claims contradict score", "The published score does not follow from the conclusion."
    ),
    "claim_strength_unstated": Word(
        "Strength not stated",
        "The conclusion leaves open whether action was strong or weak, and the score depends on it.",
    ),
    "strong_despite_weak_example": Word(
        "Strong with weak example",
        "A conclusion supports strong action with an example that the codebook calls weak.",
    ),
    "no_conclusion": Word("No conclusion", "A member has no conclusion."),
    # evidence
    "outside_period": Word("Outside the period", "An item is dated outside the period and is not counted."),
    "{exclusion}_evidence": Word("Excluded evidence", "An item with an exclusion is listed as evidence."),
    "items_without_dimension": Word("Items without dimension", "Items show no action in any dimension."),
    "act_not_done": Word(
        "Act not done",
        "An item does not count because its sentences say that the act was refused, failed or never taken.",
    ),
    "act_reversed": Word(
        "Act reversed", "A sentence says that an earlier act was repealed, cut, lifted or dissolved."
    ),
    "single_source": Word(
        "Single source",
        "All strong items of a strong level come from one publisher, or all from the member's own bodies.",
    ),
    "member_not_named": Word("Member not mentioned", "An item does not mention the member it counts for."),
    "cut_off": Word("Cut off", "An item stops in mid-sentence."),
    "no_full_stop": Word("No full stop", "An item ends without a full stop."),
    "date_unread": Word("Date not read", "The date of an item cannot be read."),
    "repeated_words": Word("Repeated words", "Words are repeated."),
    "stray_letter": Word("Stray letter", "A single letter is left over at the start of a sentence."),
    # labels
    "analysts_disagree": Word("Analysts disagree", "Analysts label a sentence differently."),
    "unknown_sentence": Word("Unknown sentence", "Labels or annotations belong to sentences that do not exist."),
    "stale_annotation": Word("Outdated annotation", "Annotations were made on a different text of the sentence."),
    "unknown_label": Word("Unknown label", "Labels have dimensions that the codebook does not have."),
    # joint acts
    "inconsistent_coding": Word("Inconsistent coding", "Items on one act are labelled differently."),
    "depends_on_joint_acts": Word(
        "Depends on joint acts", "A member's score depends on acts that also count for other members."
    ),
    "joint_act_not_credited": Word(
        "Joint act not credited", "Items of other members mention a member that has no item on the act."
    ),
    "duplicate_evidence": Word("Duplicate evidence", "One act is counted twice for a member."),
    "wrong_source": Word("Wrong source", "An item on a joint act cites the source of another item, on another act."),
    # notes and dates
    "likely_year_misprint": Word("Likely year misprint", "The year of an item is probably misprinted."),
    "later_than_source": Word("Dated after its source", "An item is dated after its source was published."),
    "earlier_than_source": Word(
        "Dated before its source", "An item is dated long before its source was published."
    ),
    "accessed_before_item": Word("Source accessed too early", "The source was accessed before the act."),
    "accessed_before_published": Word(
        "Accessed before publication", "A source was accessed before it was published."
    ),
    "date_in_title": Word("Other date in title", "The title of the source mentions an earlier date than the item."),
    "date_in_url": Word("Other date in URL", "The URL contains another date than the note's publication date."),
    "item_without_note": Word("Item without source", "An item cites no source."),
    "missing_note": Word("Missing note", "An item cites a note that does not exist."),
    "note_without_url": Word("Note without URL", "A note has no URL."),
    "broken_url": Word("Broken URL", "A URL is broken in print."),
    "note_without_date": Word("Note without date", "A cited note lacks a date that other notes have."),
    "shared_url": Word("Shared URL", "Notes with different titles have the same URL."),
    "url_host_mismatch": Word(
        "URL of another publisher", "The URL of a note is on the site of another publisher."
    ),
    "note_cited_twice": Word("Note cited twice", "Several items cite the same note."),
    "uncited_note": Word("Uncited note", "A note is never cited."),
    "no_citations": Word("No notes", "The report has no notes."),
    # what is printed
    "printed_scores": Word("Printed scores differ", "A member's score is printed differently in different places."),
    "printed_average": Word(
        "Wrong printed average", "The printed average does not follow from the published scores."
    ),
    "printed_percentage": Word(
        "Wrong printed percentage", "The printed compliance percentage does not follow from the published scores."
    ),
    "summary_score": Word(
        "Other score in summary", "A table of the whole report gives another score than the chapter."
    ),
    "summary_average": Word(
        "Wrong average in summary", "An average in a summary table does not follow from the scores."
    ),
    "summary_percentage": Word(
        "Wrong percentage in summary", "A percentage in a summary table does not follow from the scores."
    ),
    "wrong_summit_year": Word("Wrong summit year", "The report's own summit is mentioned with another year."),
}  # fmt: skip

VALUE_WORDS: dict[str, dict[str, Word]] = {
    "check": _CHECKS,
    "severity": {
        "high": Word("High", "A score, or something that decides a score, is in doubt."),
        "medium": Word("Medium", "Evidence is in doubt."),
        "low": Word("Low", "A minor error."),
    },
    "level": {
        "strong": Word("Strong", "Enough strong items make the level strong."),
        "weak": Word("Weak", "There is action in the dimension, but not enough strong items."),
        "none": Word("None", "No item shows action in the dimension."),
    },
    "strength": {
        "strong": Word("Strong", "The action is strong."),
        "weak": Word("Weak", "The action is weak."),
        "none": Word("None", "The sentence has no dimension."),
    },
    "act": {
        "done": Word("Done", "The act happened or is in force."),
        "planned": Word("Planned", "The act is intended, promised, proposed or recommended."),
        "not_done": Word("Not done", "The act was refused, failed or never taken."),
        "reversed": Word("Reversed", "An earlier act was undone, cut, repealed or lifted."),
        "background": Word("Background", "The sentence reports no act of a member."),
    },
    "claimed": {
        "strong": Word("Strong", "The conclusion claims strong action."),
        "weak": Word("Weak", "The conclusion claims weak action."),
        "not": Word("Not enough", "The conclusion says that action was not enough."),
        "unstated": Word("Not stated", "The conclusion does not state the strength."),
    },
    "conclusions.place": {
        "opening": Word("Opening", "The conclusion is at the start of the section."),
        "closing": Word("Closing", "The conclusion is at the end of the section."),
    },
    "summary.table": {
        "scores": Word("Scores", "The table of all scores."),
        "by_member": Word("By member", "The table of averages by member."),
        "by_commitment": Word("By commitment", "The table of averages by commitment."),
    },
    "gaps.kind": {
        "unread": Word("Not read", "The part was not used."),
        "absent": Word("Absent", "The part is listed in the contents but missing."),
        "assumed": Word("Assumed", "One of several values is used: the user's, or the heading's."),
        "recognized": Word("Recognized", "A program recognized the text on a scanned page (OCR), perhaps wrongly."),
        "converted": Word("Converted", "Another program converted the file before it was read."),
    },
    "documents.status": {
        "ok": Word("Read", "Everything was read."),
        "recognized": Word("Recognized", "Pages are scans; a program recognized their text (OCR), perhaps wrongly."),
        "stray_urls": Word("Stray URLs", "Some URLs belong to no note."),
        "partial": Word("Partly read", "Some pages could not be read."),
    },
    "items.status": {
        "ok": Word("Read", "The item was read completely."),
        "date_unread": Word("Date not read", "The date of the item cannot be read."),
        "cut_off": Word("Cut off", "The text of the item breaks off."),
    },
    "tags.status": {
        "ok": Word("Tagged", "The sentence was tagged."),
        "empty": Word("Empty", "The sentence has no text."),
        "too_long": Word("Too long", "The sentence is too long to tag."),
        "unknown_words": Word("Unknown words", "The tagger knows too few words of the sentence."),
    },
    "labels.status": {
        "ok": Word("Settled", "One label counts, and nobody disagrees."),
        "agreed": Word("Tagger and model agree", "The tagger and a language model give the same label."),
        "conflict": Word("Disagreement", "Annotators disagree, so the tagger's label counts."),
        "unlabelled": Word("Not labelled", "The sentence has no label."),
    },
    "ledger.status": {
        "open": Word("Open", "Nobody has decided yet."),
        "decided": Word("Decided", "A person has decided."),
        "dismissed": Word("Dismissed", "A person says that the finding is not a problem."),
    },
    "status": {"ok": Word("OK", "It is complete.")},
    "installation.check": {},
    "installation.status": {
        "ok": Word("OK", "It is complete."),
        "optional": Word("Optional", "A part for one purpose is missing."),
        "broken": Word("Broken", "It does not work."),
    },
    "url_status": {
        "ok": Word("As printed", "The URL is as printed."),
        "repaired": Word("Repaired", "A line break or a lost hyphen was closed."),
        "broken": Word("Broken", "The URL has a break that cannot be closed with certainty."),
        "none": Word("No URL", "The note has no URL."),
    },
    "annotations.kind": {
        "analyst": Word("Analyst", "A person who labels."),
        "adjudicator": Word("Adjudicator", "The person who settles disagreements."),
        "classifier": Word("Tagger", "The tagger."),
        "llm": Word("Language model", "A language model."),
    },
    "occasion": {
        "label": Word("First label", "The sentence was shown for the first time."),
        "repeat": Word("Repeated", "The sentence was shown again, unannounced."),
        "change": Word("Changed", "The label was changed after seeing other labels."),
        "withdrawn": Word("Withdrawn", "The label was withdrawn."),
    },
    "policy": {
        "people-then-classifier": Word(
            "People, then tagger", "People's label counts if they agree, otherwise the tagger's."
        ),
        "adjudicated": Word("Adjudicated labels only", "Only the adjudicator's label counts."),
        "agreement": Word(
            "Tagger checked by model", "If a model and the tagger differ, the sentence is in conflict."
        ),
        "llm-reviewed": Word("Model before tagger", "A model's proposal counts before the tagger's label."),
    },
    "outcome": {
        "ok": Word("Valid", "The answer is a valid label."),
        "invalid": Word("Invalid", "The answer is not a valid label."),
        "refused": Word("Refused", "The model refused to answer."),
        "truncated": Word("Cut off", "The answer breaks off."),
        "failed": Word("Failed", "There is no answer."),
        "waiting": Word("Waiting", "The question has not been answered yet."),
    },
    "verdict": {
        "agrees": Word("Agrees", "Suggested and published score are the same under every reading."),
        "differs": Word("Differs", "Suggested and published score differ under every reading."),
        "depends on the reading": Word("Depends on the reading", "The scores are the same under some readings only."),
        "no score": Word("No score", "The suggested or the published score is missing."),
    },
    "review_reason": {
        "empty": Word("Without text", "The sentence has no text."),
        "too_long": Word("Too long", "The sentence is too long to tag."),
        "unknown_words": Word("With unknown words", "The tagger knows too few words of the sentence."),
        "few_labels": Word("From too few labels", "The tagger has too few labels to know how often it is right."),
        "unlikely": Word("Below the limit", "The tag is less likely right than the limit of the tagger."),
        "not_done": Word("Tagged as not done", "The tag says that the act was refused, failed or never taken."),
        "reversed": Word("Tagged as reversed", "The tag says that an earlier act was undone."),
        "planned_cue": Word("With words of plans", "The tag is strong, but the sentence has words of a planned act."),
        "not_done_cue": Word("With words of refusals", "The tag is strong, but the sentence has words of a refusal."),
        "reversed_cue": Word("With words of reversals", "The tag is strong, but the sentence has words of a reversal."),
        "not_tagged": Word("Not tagged", "The run has no tags."),
        "conflict": Word("With different labels", "Labels of the sentence disagree."),
    },
    "decides": {
        "score": Word("Score", "Without the label, the suggested score would change under some reading."),
        "level": Word("Level", "Without the label, the level would change but no score."),
    },
    "basis": {
        "decided": Word("Decided", "A person decided the score in the ledger."),
        "agreed": Word("Agrees, not decided", "Every reading gives the published score; nobody has decided."),
        "stale": Word("Decision outdated", "The evidence has changed since the decision."),
        "open": Word("Open", "A person must decide the score."),
    },
    "label_queue.why": {
        "doubtful": Word("Doubtful", "The tag needs review, or labels disagree."),
        "flips": Word("Changes a score", "The sentence is in the most likely set of items that changes a score."),
        "deciding": Word("Decides a score", "A level or a score is based on the sentence."),
        "disagreements": Word("Disagreement", "Analysts disagree on the sentence."),
        "all": Word("All sentences", "All sentences were selected."),
        "audit": Word("Random sample", "The sentence was drawn at random."),
    },
    "rubric.problem": {
        "gap": Word("No rule applies", "No rule covers the state."),
        "overlap": Word("Rules overlap", "Rules with different scores cover the state."),
        "less for more": Word("More action scores lower", "More action gives a lower score."),
        "readings disagree": Word("Readings differ", "Two readings give different scores."),
    },
}  # fmt: skip
"""The values of closed sets, by column, or by frame and column where the meaning differs. Keys in braces are patterns:
`{exclusion}_evidence` is the check of each exclusion of a codebook, `p_{dimension}` a column of each dimension."""

VALUE_WORDS["alternatives.kind"] = {kind: VALUE_WORDS["annotations.kind"][kind] for kind in ("classifier", "llm")}
VALUE_WORDS["proposals.why"] = VALUE_WORDS["label_queue.why"]

_LABELLED = ("dimension", "dimensions", "strength", "level", "act", "exclusion", "label")
"""Columns whose values are keys of a codebook; so are columns with "proposed_" in front."""
NO_LABELS: Mapping[str, str] = MappingProxyType({})
"""No labels of a codebook: columns and values of dimensions are named by their keys."""


def column_word(column: str, frame: str = "", *, labels: Mapping[str, str] = NO_LABELS) -> Word:
    """Return the plain name of a column and what it means."""
    known = COLUMN_WORDS.get(f"{frame}.{column}") or COLUMN_WORDS.get(column)
    if known:
        return known
    if column in labels:
        return Word(labels[column], "")
    key = column.removeprefix("p_")
    if key != column and (frame == "tags" or key in labels):
        pattern = COLUMN_WORDS["p_{dimension}"]
        return pattern._replace(name=pattern.name.replace("{dimension}", labels.get(key) or _made_from(key)))
    return Word(_made_from(column), "")


def value_word(column: str, value: str, frame: str = "", *, labels: Mapping[str, str] = NO_LABELS) -> Word:
    """Return the plain name of a value and what it means."""
    column = column.removeprefix("proposed_")
    words = value_words(column, frame)
    if ";" in value and (words or column in _LABELLED):
        names = (value_word(column, each, frame, labels=labels).name for each in value.split(";"))
        return Word("; ".join(names), "")
    if value and value in labels and column in _LABELLED:
        return Word(labels[value], words[value].note if value in words else "")
    if not value or value in words or not words:
        return words.get(value, Word(value, ""))
    excluded = value.removesuffix("_evidence")
    if column == "check" and excluded != value:
        pattern = _CHECKS["{exclusion}_evidence"]
        return pattern._replace(name=f"{pattern.name}: {labels.get(excluded) or _made_from(excluded)}")
    return Word(_made_from(value), "")


def value_words(column: str, frame: str = "") -> dict[str, Word]:
    """Return the values of a column with their words, in their order; none if any value is possible."""
    return VALUE_WORDS.get(f"{frame}.{column}", VALUE_WORDS.get(column, {}))


def _made_from(key: str) -> str:
    """Return a name made from a key: "GDP_per_head" gives "GDP per head"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:] or key
