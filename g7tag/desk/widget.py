"""The review desk as a widget of Jupyter: it passes messages between a session and the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget

from g7tag.desk.session import DeskSession, view_values

_HERE = Path(__file__).parent


class ReviewDesk(anywidget.AnyWidget):
    """Display a session in JupyterLab, Notebook or VS Code.

    The widget's own state is empty: cards and labels are sent as messages, each when it may be seen, and so they are
    neither in the page before that nor saved in the notebook.

    Parameters
    ----------
    session
        What to show; it also saves the decisions.
    """

    _esm = _HERE / "desk.js"
    _css = _HERE / "desk.css"

    def __init__(self, session: DeskSession) -> None:
        super().__init__()
        self.session = session
        self.on_msg(self._answer)

    def _answer(self, _widget: object, request: object, _buffers: object) -> None:
        """Do what the page asks and send what it now has to show.

        A request is an object with an id, an action, and the step of the card that it is meant for. Anything else is
        ignored; one that was sent before the page had the current card is not carried out.
        """
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
