-- Where the next step was set already, the trigger has nothing to find out. step_seconds ascend, so that the first is the next.
drop trigger set_next_step on holdpoint.holds;
create trigger set_next_step before insert on holdpoint.holds
  for each row when (new.next_step_at is null and (new.step_seconds is not null or new.remind_every_seconds is not null))
  execute function holdpoint.set_next_step();
