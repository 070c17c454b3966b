"""The yardstick of intake: a FastAPI route under the same server that reads the body and answers."""

import sys

import uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI()


@app.post("/fhir")
async def read_body(request: Request) -> Response:
    """Read the body and say how long it was."""
    return Response(b'{"size":%d}' % len(await request.body()), media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False,
        loop="uvloop", http="httptools",
    )  # fmt: skip
