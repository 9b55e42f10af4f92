"""Documents to evidence: commitments, members, conclusions, items, sentences and citations."""

from g7tag.evidence.extract import Evidence, extract_evidence, require_commitment

__all__ = ["Evidence", "extract_evidence", "require_commitment"]
