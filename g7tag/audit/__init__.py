"""Frames to findings: inconsistencies of a report and its scoring, each with its proof."""

from g7tag.audit.audit import INPUTS, Audited, audit_evidence
from g7tag.audit.ledger import Kept, keep_ledger, ledger_rows

__all__ = ["INPUTS", "Audited", "Kept", "audit_evidence", "keep_ledger", "ledger_rows"]
