"""The review desk as a widget of Jupyter: it passes messages between a session and the page."""

from pathlib import Path
from typing import Any

import anywidget

from g7tag.desk.session import DeskSession, answer_to

_HERE = Path(__file__).parent


class ReviewDesk(anywidget.AnyWidget):
    """Display a session in JupyterLab, Notebook or VS Code."""

    _esm = _HERE / "desk.js"
    _css = _HERE / "desk.css"

    def __init__(self, session: DeskSession) -> None:
        super().__init__()
        self.session = session
        self.on_msg(self._answer)

    def _answer(self, _widget: object, request: object, _buffers: object) -> None:
        """Do what the page asks and send what it now has to show."""
        if not isinstance(request, dict):
            return
        answer: dict[str, Any] = {"id": request.get("id"), "failed": True}
        try:
            answer = answer_to(request, self.session)
        finally:  # a bug is logged by Jupyter, where few people look
            self.send(answer)
