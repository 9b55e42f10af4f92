"""The review desk: label evidence sentences in the browser, one at a time, with the keyboard.

`DeskSession` holds the cards, the rules and what was decided. `g7tag.desk.server.DeskServer` serves it as a local web
app; `g7tag.desk.widget.ReviewDesk` displays it in a notebook, and needs the package anywidget.
"""

from g7tag.desk.session import COLUMNS, Decision, DeskSession, Record, decision_words

__all__ = ["COLUMNS", "Decision", "DeskSession", "Record", "decision_words"]
