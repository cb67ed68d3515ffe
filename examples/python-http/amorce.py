"""An Amorce agent with nothing but the standard library: negotiate, ask for an approval, submit the reply, confirm.

    AMORCE_AGENT_KEY=hpa_... AMORCE_APP_KEY=hpo_... python3 examples/python-http/amorce.py "sounds good to me!"
"""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("AMORCE_URL", "http://localhost:7777")
AGENT_KEY = os.environ.get("AMORCE_AGENT_KEY", "")
APP_KEY = os.environ.get("AMORCE_APP_KEY", "")
SERVICE = {"service_id": "le_petit_bistro"}


def send(key, method, path, body=None):
    request = urllib.request.Request(
        URL + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-API-Key": key, "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def transact(service_contract, payload, transaction_id=None):
    body = dict(service_contract, consumer_agent_id="sarah", payload=payload)
    if transaction_id is not None:
        body["transaction_id"] = transaction_id
    return send(AGENT_KEY, "POST", "/api/v1/a2a/transact", body)


def request_approval(transaction_id, summary, details, timeout_seconds=300):
    status, approval = send(AGENT_KEY, "POST", "/api/v1/approvals", {
        "transaction_id": transaction_id,
        "summary": summary,
        "details": details,
        "timeout_seconds": timeout_seconds,
    })
    assert status == 201, approval
    return approval["approval_id"]


def check_approval(approval_id):
    return send(AGENT_KEY, "GET", "/api/v1/approvals/" + approval_id)[1]


def submit_approval(approval_id, decision, approved_by, comments):
    return send(APP_KEY, "POST", "/api/v1/approvals/" + approval_id + "/submit", {
        "decision": decision,
        "approved_by": approved_by,
        "comments": comments,
    })


def interpret(reply):
    """The app's own reading of a reply: exact words. What is not clearly a yes is a no."""
    words = "".join(c for c in reply.lower() if c.isalpha() or c == " ").strip()
    return "approve" if words in ("yes", "yes please", "ok", "approve", "sounds good to me") else "reject"


def main(reply):
    _, offer = transact(SERVICE, {"intent": "check_availability", "guests": 4})
    transaction_id = offer["transaction_id"]
    print("offer:", offer["result"]["content"])

    booking = {"guests": 4, "time": "19:00", "deposit": offer["result"]["deposit"]}
    status, refused = transact(SERVICE, dict(booking, intent="confirm"), transaction_id)
    print(status, refused["code"], "requires_hitl:", refused["requires_hitl"])

    approval_id = request_approval(
        transaction_id=transaction_id,
        summary="Book a table for 4 at Le Petit Bistro, 19:00, with a deposit of 120",
        details=dict(SERVICE, **booking),
    )
    print("submitted:", submit_approval(approval_id, interpret(reply), "user@example.com", reply)[0])
    print("submitted again:", submit_approval(approval_id, "approve", "mallory@example.com", "yes")[0])

    approval = check_approval(approval_id)
    print(approval["status"], "by", approval["approved_by"] + ":", approval["comments"])
    if approval["status"] != "approved":
        print("cancelled:", transact(SERVICE, dict(booking, intent="confirm"), transaction_id)[0])
        return
    for _ in range(2):
        status, confirmed = transact(SERVICE, dict(booking, intent="confirm"), transaction_id)
        print(status, confirmed["status"], json.dumps(confirmed["result"]["booked"], sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sounds good to me!")
