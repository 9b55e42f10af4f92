"""The review desk as a widget of Jupyter: it passes messages between a session and the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget

from g7tag.desk.session import DeskSession, view_values

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
        session = self.session
        late = request.get("step") != session.step
        answer: dict[str, Any] = {"id": request.get("id")}
        answered = False
        try:
            match request.get("action"):
                case "start":
                    answer["setup"] = session.setup()
                case "agreement":
                    answer["agreement"] = session.agreement()
                case action if not late:
                    self._act(str(action), request, answer)
            answer["view"] = view_values(session.view())
            answered = True
        finally:  # a bug is logged by Jupyter, where few people look
            if not answered:
                answer["failed"] = True
            self.send(answer)

    def _act(self, action: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        session = self.session
        actions: dict[str, Callable[[], None]] = {
            "decide": session.decide,
            "skip": session.skip,
            "undo": session.undo,
            "reveal": session.reveal,
            "names": session.show_names,
        }
        if action == "choose":
            session.choose(str(request.get("kind")), str(request.get("value")))
        elif action == "note":
            session.write_note(str(request.get("note")))
        elif action == "settle":
            if session.settle(str(request.get("case")), str(request.get("decision"))):
                answer["settled"] = True
                answer["setup"] = session.setup()
        elif action in actions:
            actions[action]()
