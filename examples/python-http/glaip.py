"""A client of GLAIP with nothing but the standard library: an agent, its stream, a decision on each request, the audit.

    AIP_API_KEY=hpo_... python3 examples/python-http/glaip.py approved "Delete 5 old records from the users table"
"""

import json
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone

BASE = os.environ.get("AIP_API_URL", "http://localhost:7777")
HEADERS = {"X-API-Key": os.environ.get("AIP_API_KEY", ""), "Content-Type": "application/json"}
DECISION = sys.argv[1] if len(sys.argv) > 1 else "rejected"
INPUT = sys.argv[2] if len(sys.argv) > 2 else "Delete 5 old records from the users table"


def send(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(BASE + path, data=data, headers=HEADERS, method=method))


def call(method, path, body=None):
    try:
        with send(method, path, body) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def chunks(response):
    for line in response:
        line = line.decode().strip()
        if line.startswith("data: "):
            yield json.loads(line[len("data: "):])


status, agent = call("POST", "/agents/", {
    "name": "python-hitl-demo",
    "instruction": "Look after the users table.",
    "type": "config",
    "framework": "langchain",
    "version": "1.0.0",
    "tools": ["query_users", "delete_records"],
    "agent_config": {"hitl_enabled": True, "lm_provider": "openai", "lm_name": "gpt-5.2"},
    "tool_configs": {"delete_records": {"hitl": {"timeout_seconds": 180}}},
})
print(status, agent["name"])

# The stream stays open while somebody decides, here over a request of its own.
with send("POST", "/agents/%s/run" % agent["agent_id"], {"input": INPUT}) as stream:
    run_id = stream.headers["x-run-id"]
    for chunk in chunks(stream):
        metadata = chunk["metadata"]
        hitl = metadata.get("hitl")
        if hitl and hitl["decision"] == "pending":
            left = datetime.fromisoformat(hitl["timeout_at"]) - datetime.now(timezone.utc)
            assert 0 < left.total_seconds() <= hitl["timeout_seconds"] + 5, left
            print(metadata["tool_info"]["name"], json.dumps(metadata["tool_info"]["args"], sort_keys=True))
            waiting = [one["request_id"] for one in call("GET", "/agents/hitl/pending")[1] if one["run_id"] == run_id]
            assert waiting == [hitl["request_id"]], waiting
            decided = {"request_id": hitl["request_id"], "decision": DECISION, "operator_input": "said by Python"}
            print(*call("POST", "/agents/hitl/decision", decided))
            # Twice is once: whoever comes second is told.
            print(call("POST", "/agents/hitl/decision", decided)[0])
        elif hitl:
            print("now", hitl["decision"])
        if metadata["kind"] in ("final_response", "error", "step_limit_exceeded"):
            print(metadata["kind"] + ":", chunk["content"])

status, audit = call("GET", "/agents/hitl/audit?agent_id=%s" % agent["agent_id"])
for entry in audit["data"]:
    print(entry["decision"], entry["tool"]["name"], entry["metadata"]["operator_input"])
print(*call("DELETE", "/agents/%s" % agent["agent_id"]))
