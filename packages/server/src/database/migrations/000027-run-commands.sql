-- Commands of the functions that a run's every step calls, parsed once.
create type holdpoint.commit_run_command as (
  "orgId" text, "runId" text, epoch integer, "commitId" text, run json, step json, messages json, calls json, "callChanges" json,
  holds json, "policyRevision" bigint, asks json, shares json, child json, kept json, "holdChanges" json, events json, heard json,
  "despiteNotes" boolean, reused json, release boolean, "pauseEventId" text, "advanceSeconds" double precision);
create type holdpoint.start_call_command as (
  "orgId" text, "runId" text, epoch integer, "callId" text, "claimId" text, "eventId" text, "actionHash" text, "isAutomatic" boolean,
  because text, "lifetimeSeconds" double precision, reasons json, "policyRevision" bigint, "policyVersion" json, rule json, level json,
  facts json, shadow json, "grantId" text, separation text, "sampleId" text);
