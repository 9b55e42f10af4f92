"""Asking models: endpoints, requests, budgets, and answers that are kept the moment they come."""

from g7tag.review.asking.batches import Entry, batch_bytes, read_batch, read_requests_of
from g7tag.review.asking.budget import Limits, Price, estimate, parse_price, prices_file, read_price
from g7tag.review.asking.endpoint import Endpoint, make_endpoint, read_parameters
from g7tag.review.asking.request import RUNGS, Request, known_rung, make_request, request_key, request_row, unanswered
from g7tag.review.asking.running import Stopper, patiently, wait_for
from g7tag.review.asking.session import (
    Question,
    Quote,
    ask_questions,
    log_requests,
    quote_price,
    requests_of,
    require_end,
)
from g7tag.review.asking.work import Asked, answer_row

__all__ = [
    "RUNGS",
    "Asked",
    "Endpoint",
    "Entry",
    "Limits",
    "Price",
    "Question",
    "Quote",
    "Request",
    "Stopper",
    "answer_row",
    "ask_questions",
    "batch_bytes",
    "estimate",
    "known_rung",
    "log_requests",
    "make_endpoint",
    "make_request",
    "parse_price",
    "patiently",
    "prices_file",
    "quote_price",
    "read_batch",
    "read_parameters",
    "read_price",
    "read_requests_of",
    "request_key",
    "request_row",
    "requests_of",
    "require_end",
    "unanswered",
    "wait_for",
]
