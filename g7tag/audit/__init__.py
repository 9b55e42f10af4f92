"""Frames to findings: inconsistencies of a report, each with its proof."""

from g7tag.audit.checks import audit_evidence

__all__ = ["audit_evidence"]
