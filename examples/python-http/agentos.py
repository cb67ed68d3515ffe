"""A client of AgentOS with nothing but the standard library: start, look what waits, continue.

    AGENT_OS_KEY=hpo_... python3 examples/python-http/agentos.py
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

BASE = os.environ.get("AGENT_OS_URL", "http://localhost:7777")
KEY = os.environ.get("AGENT_OS_KEY", "")
SESSION = "python-" + os.urandom(8).hex()


def call(method, path, fields=None, body=None):
    headers = {"Authorization": "Bearer " + KEY}
    data = None
    if fields is not None:
        data = urllib.parse.urlencode(fields).encode()
    elif body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(BASE + path, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def start(message):
    return call("POST", "/agents/data_manager/runs", {
        "message": message,
        "session_id": SESSION,
        "user_id": "admin@example.com",
        "stream": "false",
    })[1]


def proceed(run, confirmed, note=None):
    tools = [
        {
            "tool_call_id": tool["tool_call_id"],
            "tool_name": tool["tool_name"],
            "tool_args": tool["tool_args"],
            "confirmed": confirmed,
            "confirmation_note": note,
        }
        for tool in run["awaiting_confirmation"]
    ]
    return call("POST", "/agents/data_manager/runs/%s/continue" % run["run_id"], {
        "tools": json.dumps(tools),
        "session_id": SESSION,
        "stream": "false",
    })


# Phase 1: the run pauses and says what it waits for.
run = start("Delete 5 old records from the users table")
print("state:", run["state"])
for tool in run["awaiting_confirmation"]:
    print("awaits confirmation:", tool["tool_name"], json.dumps(tool["tool_args"], sort_keys=True))

# Phase 2: confirmed, it is executed and the agent answers.
status, done = proceed(run, True)
print(status, done["status"], done["content"])

# The same decision again is refused.
status, refused = proceed(run, True)
print(status, refused["detail"])

# Rejected, nothing is executed, and the agent hears why.
run = start("Delete 5 old records from the users table")
status, done = proceed(run, False, "The auditors need them.")
print(status, done["status"], done["content"])

# Decided as an approval, from elsewhere: the run goes on by itself.
run = start("Notify user 7: your account stays.")
approvals = call("GET", "/approvals?" + urllib.parse.urlencode({"run_id": run["run_id"], "status": "pending"}))[1]
for approval in approvals["data"]:
    status, resolved = call("POST", "/approvals/%s/resolve" % approval["id"], body={"status": "approved"})
    print(status, resolved["status"], "by", "somebody" if resolved["resolved_by"] else "nobody")
