-- What the doors say of the policy that they evaluated under.
alter type holdpoint.create_hold_command add attribute "policyRevision" bigint;
-- What the version that runs beside would have done, for the event.
alter type holdpoint.create_hold_command add attribute shadow json;

create domain holdpoint.gate_level as text check (value in ('mandatory_review', 'review_if_high_value', 'auto_proceed'));
alter table holdpoint.holds
  -- How strongly it is gated: with route, quorum and strength what a decision is bound to (I8).
  add column level holdpoint.gate_level;
-- Pending holds that were evaluated under an earlier version of the policy.
create index holds_by_policy_version on holdpoint.holds (org_id, policy_version) where status = 'pending' and kind = 'approval';
