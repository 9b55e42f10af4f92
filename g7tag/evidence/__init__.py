"""Documents to evidence: commitments, members, conclusions, claims, items, sentences and citations."""

from g7tag.evidence.claims import read_claims
from g7tag.evidence.dates import read_days
from g7tag.evidence.extract import Evidence, extract_evidence, require_commitment

__all__ = ["Evidence", "extract_evidence", "read_claims", "read_days", "require_commitment"]
