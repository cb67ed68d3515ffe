-- Operators in control: who asked a run to pause, until it does. {kind, id, name, reason}, as its event tells it.
alter table holdpoint.runs add column pause_asked json;
