"""Bytes to documents: what a report file says, before anybody asks what it means."""

from g7tag.sources.documents import read_documents

__all__ = ["read_documents"]
