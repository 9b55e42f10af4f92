"""What each frame and each of its columns means, in words; the documentation is made from these notes."""

FRAME_NOTES = {
    "documents": "The reports that were read, with their whole text.",
    "gaps": "What could not be read or used, and what was assumed.",
    "commitments": "The chapters of the reports. Only the commitment of the codebook is tagged and scored.",
    "members": "The members of each commitment, with their printed scores.",
    "summary": "The tables printed before the chapters of a whole report.",
    "conclusions": "The paragraphs in which the report says how far a member complied.",
    "claims": "What the conclusions claim about each dimension.",
    "items": "The evidence items: dated paragraphs.",
    "sentences": "The sentences of the items.",
    "citations": "The sources that the notes of a report cite.",
    "tags": "What the tagger assigned to each sentence. There is one probability for each dimension of the codebook.",
    "annotations": "All labels by the tagger, by people and by models, with who gave them.",
    "labels": "The label of each sentence that counts under the policy.",
    "evidence_matrix": "The evidence that counts, by member and dimension, and the level that follows.",
    "scores": "The suggested and published scores, for each reading of the guidelines.",
    "thresholds": "The suggested scores for other numbers of strong items that make a level strong.",
    "flips": "The smallest change of labels that changes each suggested score.",
    "findings": "The results of the audit, most severe first.",
    "joint_actions": "Acts that the report counts for more than one member.",
    "equal_evidence": "The scores if every member had as many items as the member with the fewest.",
}
"""What each frame holds."""

COLUMN_NOTES = {
    "document_id": "Id of the document.",
    "commitment_id": "Id of the commitment, such as `2024-19`.",
    "item_id": "Id of the item, such as `2024-19/JPN-02`.",
    "sentence_id": "Id of the sentence, such as `2024-19/JPN-02.1`.",
    "annotation_id": "Id of the annotation.",
    "finding_id": "Check and subject, such as `cut_off:2024-19/GBR-05`. It stays the same when the audit is repeated.",
    "joint_id": "Id of the act.",
    "member": "Name of the member.",
    "code": "Code of the member, such as `JPN`.",
    "position": "Position, from 1.",
    "reading": "Reading of the guidelines: `scoring-table` or `interpretive-guidelines`.",
    "dimension": "Key of the dimension.",
    "dimensions": "Keys of the dimensions, separated by semicolons, in the codebook's order; empty if there are none.",
    "strength": "`strong`, `weak`, or `none` if there is no dimension.",
    "act": "Whether the act happened: `done`, `planned`, `not_done`, `reversed`, or `background` (no act of a "
    "member); empty if it was not labelled.",
    "exclusion": "Key of the exclusion; empty if the sentence is not excluded.",
    "contradicts": "True if the action is contrary to the commitment. Only people and models set it.",
    "text": "The words of the report.",
    "text_sha256": "Hash of the sentence that was labelled. If the sentence changes, the annotation does not count.",
    "item_ids": "Ids of items, separated by semicolons.",
    "published_score": "Score by the analysts: -1, 0 or 1. NA if unread.",
    "suggested_score": "Score by the rules: -1, 0 or 1. NA if no rule, or more than one, applies.",
    "min_strong_items": "Number of strong items that make a level strong.",
    "date": "Day on which the action happened; NaT if unread.",
    "p_minus1": "Probability or share of the score -1.",
    "p_0": "Probability or share of the score 0.",
    "p_plus1": "Probability or share of the score +1. What is missing to 1 is the share without a score.",
    # documents
    "name": "Name of the file.",
    "media_type": "Media type of the file.",
    "sha256": "Hash of the file.",
    "documents.pages": "Number of pages; NA if the format has none.",
    "documents.text": "All text of the document. `start` and `end` of sentences count its characters.",
    "hidden": "Hidden text: JSON list of [start, end, reason] in characters of `text`.",
    "documents.status": "`ok`; `stray_urls` if URLs belong to no note; `partial` if pages could not be read.",
    # gaps
    "gaps.part": "Part of the file: `document`, `page 3`, `commitment 7`.",
    "gaps.kind": "`unread`: not used. `absent`: listed in the contents but missing. `assumed`: given by the user.",
    "gaps.reason": "Why.",
    # commitments
    "number": "Number of the commitment in the report; NA if no heading gives it.",
    "commitments.title": "Title of the chapter.",
    "commitments.text": "Text of the commitment.",
    "guidelines": "Interpretive guidelines, as printed.",
    "scoring_table": "Scoring table, as printed.",
    "printed_average": "Average score, as printed, from -1 to 1.",
    "printed_percent": "Compliance in percent, as printed.",
    "commitments.codebook": "Id of the codebook; empty if the commitment is read but not scored.",
    # members
    "table_score": "Score in the table.",
    "heading_score": "Score in the heading of the member's section.",
    "stated_score": "Score in the closing sentence of the section.",
    # summary
    "table": "`scores`, `by_member` or `by_commitment`.",
    "summary.commitment_id": "Id of the commitment, or its printed title if its number is not known.",
    "summary.member": "Name of the member; empty for the average of a commitment.",
    "value": "Score or average, from -1 to 1.",
    "percent": "Compliance in percent.",
    # conclusions, claims
    "place": "Where the conclusion is in the section: `opening` or `closing`.",
    "citations.place": "Place of publication.",
    "analysts": "Names of the analysts, separated by semicolons.",
    "claimed": "What is claimed: `strong`, `weak`, `not` (no sufficient action) or `unstated`.",
    "claims.quote": "Clause that makes the claim; empty if none names the dimension.",
    # items, sentences
    "date_text": "Date as printed.",
    "citations": "Numbers of the cited notes, separated by semicolons.",
    "items.pages": "Pages on which the item is printed.",
    "items.status": "`ok`; `date_unread`; `cut_off` if the text breaks off.",
    "start": "First character of the sentence in `documents.text`.",
    "end": "Character after the last one of the sentence in `documents.text`.",
    # citations
    "note": "Number of the note.",
    "annotations.note": "Reason given by the annotator.",
    "citations.title": "Title of the source.",
    "publisher": "Publisher of the source.",
    "published": "Day of publication; NaT if unread.",
    "accessed": "Day on which the analysts read the source; NaT if unread.",
    "url": "URL of the source.",
    "url_status": "`ok` (as printed), `repaired` (a break or lost hyphen was closed), `broken` (uncertain), `none`.",
    "translation": "Who translated the source; empty if nobody did.",
    # tags
    "p_strong": "Probability that the action is strong, given that there is a dimension.",
    "p_excluded": "Probability that the sentence is excluded.",
    "p_done": "Probability that the act is done.",
    "p_planned": "Probability that the act is planned.",
    "p_not_done": "Probability that the act is not done.",
    "p_reversed": "Probability that the act is reversed.",
    "p_background": "Probability that the sentence reports no act of a member.",
    "p_right": "Probability that all dimensions, the strength and the act are right.",
    "margin": "Distance of the nearest probability from its decision threshold.",
    "needs_review": "True for the least certain tags, and for acts that may not have been done.",
    "tags.status": "`ok`, `empty`, `too_long`, or `unknown_words` if the tagger knows too few words of the sentence.",
    "tagger": "Id of the tagger.",
    # annotations
    "annotator": "Name of the person, tagger or model.",
    "annotations.kind": "`analyst`, `adjudicator`, `classifier` (the tagger) or `llm` (a language model).",
    "confidence": "Confidence, from 0 to 1, as far as the annotator states it; 0.5 if a person was unsure.",
    "blind": "True if a person had seen no label of a machine or, as an analyst, of another person.",
    "occasion": "`label`; `repeat` (shown again, unannounced); `change` (after seeing other labels); `withdrawn`.",
    "codebook_version": "Version of the codebook that was used.",
    "at": "ISO time in UTC; empty for the tagger.",
    "supersedes": "Id of the earlier annotation that this one replaces.",
    # labels
    "labels.annotation_id": "The annotation that counts; empty if there is none.",
    "policy": "Rule that chose the label.",
    "labels.status": "`ok`; `conflict` if annotators disagree; `agreed` if tagger and model agree; `unlabelled`.",
    # evidence_matrix
    "n_strong": "Number of items with strong action that count.",
    "n_weak": "Number of items with weak action that count.",
    "level": "`strong`, `weak` or `none`.",
    # scores
    "rule": "The rule that gives the score, or why there is none.",
    "agrees": "Whether suggested and published score are the same; NA if either is missing.",
    "score_all_dates": "Suggested score if items outside the period counted.",
    "score_if_contradicted": "Suggested score if contradicting action came before all other rules.",
    # thresholds, flips
    "changes": "True if the score differs from the one at the codebook's threshold.",
    "size": "Smallest number of items whose labels must change; NA if no change of labels changes the score.",
    "n_sets": "Number of sets of items of that size that change the score.",
    "candidate_ids": "Items in any of these sets, separated by semicolons.",
    "flips.item_ids": "Items of the most likely set, separated by semicolons.",
    "sentence_ids": "Sentences of these items whose labels change, separated by semicolons.",
    "change": "How the levels of the member change.",
    "to_score": "Score after the change; NA if no rule applies.",
    "chance": "Probability of this change if all other labels are right.",
    # findings
    "check": "Id of the audit check.",
    "severity": "`high`: a score is in doubt. `medium`: evidence is in doubt. `low`: a slip.",
    "findings.member": "Name of the member; empty if the finding concerns no single member.",
    "subject": "What the finding is about: an item, a note, a member, a commitment.",
    "message": "What was found.",
    "proof": "Ids that prove it, separated by semicolons.",
    # joint_actions
    "members": "Members with an item on the act, separated by semicolons.",
    "named_only": "Members that an item names but that have no item on the act, separated by semicolons.",
    "alike": "True if all items are labelled in the same way.",
    "joint_actions.labels": "Label of each item, in the order of `item_ids`, separated by ` | `.",
    "joint_actions.reason": "Why the items seem to report the same act.",
    # equal_evidence
    "n_items": "Number of items of the member in the period.",
    "n_drawn": "Number of items in each draw.",
    "draws": "Number of draws.",
    "kept": "Share of draws that give the suggested score.",
}
"""What each column means: by its name, or by frame and name where the meaning differs."""


def column_note(frame: str, column: str) -> str:
    """Return what a column of a frame means, "" for a name that is not known.

    Examples
    --------
    >>> column_note("tags", "p_right")
    'Probability that all dimensions, the strength and the act are right.'
    >>> column_note("tags", "p_prevent")
    'Probability that the sentence shows action in this dimension.'
    """
    note = COLUMN_NOTES.get(f"{frame}.{column}", COLUMN_NOTES.get(column, ""))
    if not note and frame == "tags" and column.startswith("p_"):
        return "Probability that the sentence shows action in this dimension."
    return note
