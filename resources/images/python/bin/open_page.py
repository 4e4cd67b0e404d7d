"""Opens a page of a Streamlit app, and tells how each run of its script ends: open_page.py PORT.

Run by the app's own Python, whose environment has Streamlit's messages and a websocket. As long as
the page is open, Streamlit watches every file that the app has imported. Prints `RESULT` and one
JSON object a run; ends when its standard input does, or after half a minute.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
import types

_SECONDS = 30.0


def messages():
    """The two kinds of Streamlit's messages, without Streamlit itself: that takes a second."""
    found = importlib.util.find_spec("streamlit")
    package = types.ModuleType("streamlit")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["streamlit"] = package
    back = importlib.import_module("streamlit.proto.BackMsg_pb2").BackMsg
    forward = importlib.import_module("streamlit.proto.ForwardMsg_pb2").ForwardMsg
    return back, forward


def shows_exception(message):
    if message.WhichOneof("type") != "delta":
        return False
    delta = message.delta
    element = delta.new_element if delta.WhichOneof("type") == "new_element" else None
    return element is not None and element.WhichOneof("type") == "exception"


def follow(port):
    connect = importlib.import_module("websockets.sync.client").connect
    back, forward = messages()
    asked = back()
    asked.rerun_script.SetInParent()
    raised = False
    with connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        origin=f"http://127.0.0.1:{port}",
        subprotocols=["streamlit"],
        compression=None,
        max_size=None,
        proxy=None,
    ) as page:
        page.send(asked.SerializeToString())
        while True:
            message = forward.FromString(page.recv())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                raised = False
            raised = raised or shows_exception(message)
            if kind == "script_finished":
                status = forward.ScriptFinishedStatus.Name(message.script_finished)
                if status == "FINISHED_WITH_COMPILE_ERROR":
                    raised = True
                if status != "FINISHED_EARLY_FOR_RERUN":
                    print("RESULT", json.dumps({"raised": raised}), flush=True)


def end_with_the_reader():
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_the_reader, daemon=True).start()
    threading.Timer(_SECONDS, lambda: os._exit(0)).start()
    try:
        follow(int(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  whatever is wrong, the app is left alone
        print("ERROR", json.dumps({"what": type(error).__name__}), flush=True)
        os._exit(0)
