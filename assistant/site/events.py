"""An answer as server-sent events: `outcome`, then each `segment`, each `citation`, and `done` with the whole answer.

An answer is decided before it is worded, so that nothing is sent that would have to be taken back.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
from collections.abc import Iterator

from assistant.site.schema import AnswerOut

MEDIA_TYPE = "text/event-stream"
# For the OpenAPI document: what each item of the stream is.
CONTENT = {
    MEDIA_TYPE: {
        "itemSchema": {
            "type": "object",
            "properties": {
                "event": {"enum": ["outcome", "segment", "citation", "done"]},
                "data": {"type": "string", "contentMediaType": "application/json"},
            },
            "required": ["event", "data"],
        }
    }
}


def events(answer: AnswerOut) -> Iterator[str]:
    """The events of an answer, in order."""
    whole = answer.model_dump(mode="json")
    about = ("outcome", "standalone_question", "as_of", "generation")
    yield event("outcome", {key: whole[key] for key in about})
    yield from (event("segment", segment) for segment in whole["segments"])
    yield from (event("citation", citation) for citation in whole["citations"])
    yield event("done", whole)


def event(name: str, data: object) -> str:
    """One event. JSON has no line break of its own, so that one data line holds it."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
