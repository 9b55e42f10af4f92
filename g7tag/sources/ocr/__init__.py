"""Recognize the text of scanned pages (OCR)."""
