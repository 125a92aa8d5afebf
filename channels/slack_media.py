"""Pictures on Slack: uploaded for nobody to see, then shown by the message that names them.

``files.completeUploadExternal`` is called without a channel, so the file stays private and nothing is published by
uploading it. Slack goes on processing a file after that; a message that names it too early is refused, and the next
attempt names the same file. The refusal is proof that nothing was published.

Sources, read 2026-11-25: docs.slack.dev, "files.getUploadURLExternal", "files.completeUploadExternal", "Image block";
for the refusal of files that are not ready, slackapi/python-slack-sdk issues 1521 and 1797.
"""

from __future__ import annotations

import json
from hashlib import sha256

from channels.contract import Media, Steps, Unavailable
from channels.slack_server import Server, answer_of
from channels.text import neutralise

NOT_READY = ("invalid slack file", "invalid_slack_file", "file_not_found")


def file_id(server: Server, picture: Media, steps: Steps) -> str:
    """Return the id of the picture's file, uploaded if it is not yet."""
    alt = neutralise(picture.alt)
    name = f"file:{picture.sha256}:{sha256(alt.encode()).hexdigest()[:16]}"
    kept = steps.get(name)
    if kept:
        return kept
    data = picture.read()
    reply = server.ask(
        "files.getUploadURLExternal",
        "announcing a picture",
        filename=f"{picture.sha256[:12]}.{picture.mime.rpartition('/')[2]}",
        length=str(len(data)),
        alt_txt=alt,
    )
    place, file = (str(answer_of(reply).get(one) or "") for one in ("upload_url", "file_id"))
    if not place or not file:
        raise Unavailable("Slack did not say where the picture is to go")
    server.put(place, data, picture.mime)
    server.ask("files.completeUploadExternal", "handing a picture in", files=json.dumps([{"id": file}]))
    steps.put(name, file)
    return file
