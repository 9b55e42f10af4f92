"""Documents to evidence: commitments, members, conclusions, items, sentences and citations."""

from g7tag.evidence.extract import Evidence, extract_evidence

__all__ = ["Evidence", "extract_evidence"]
