"""The review desk as a widget of Jupyter: it passes messages between a session and the page."""

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
        answer: dict[str, Any] = {"id": request.get("id"), "failed": True}
        try:
            done = self._act(request)
            answer = {"id": request.get("id"), **done, "view": view_values(self.session.view())}
        finally:  # a bug is logged by Jupyter, where few people look
            self.send(answer)

    def _act(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what the page asks and return what it needs beside the view; ignore a late request for another card."""
        session = self.session
        match request.get("action"):
            case "start":
                return {"setup": session.setup()}
            case "agreement":
                return {"agreement": session.agreement()}
            case _ if request.get("step") != session.step:
                return {}
            case "choose":
                session.choose(str(request.get("kind")), str(request.get("value")))
            case "note":
                session.write_note(str(request.get("note")))
            case "settle":
                if session.settle(str(request.get("case")), str(request.get("decision"))):
                    return {"settled": True, "setup": session.setup()}
            case "names":
                session.show_names()
            case "decide" | "skip" | "undo" | "reveal" as action:
                getattr(session, action)()
        return {}
