-- How sure an agent is of its final answers (R68 to R75). The estimate belongs to the step whose answer it is about, and so
-- does the hold that asks a person about it; the run shows the last one.
alter table holdpoint.steps
  add column confidence double precision,
  add column hold_id holdpoint.id;
alter table holdpoint.runs add column confidence double precision;
