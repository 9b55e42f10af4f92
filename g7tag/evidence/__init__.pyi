from .claims import read_claims as read_claims
from .extract import Evidence as Evidence
from .extract import extract_evidence as extract_evidence
from .extract import require_commitment as require_commitment
