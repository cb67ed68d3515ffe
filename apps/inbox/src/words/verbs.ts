// What tools' names begin with, where they begin with what they do. Words that name a thing as often (order, report, email,
// record, file) are not among them: "approve and order refund" would be another action.
const VERBS: ReadonlySet<string> = new Set(
  `
  abort accept acknowledge activate add adjust allocate allow amend analyse analyze anonymise anonymize append apply approve
  archive ask assign attach authorise authorize ban begin bill block book broadcast build buy calculate call cancel capture
  charge check clean cleanup clear clone close collect commit compare compile complete compute configure confirm connect
  convert copy count create credit deactivate debit decline decommission decrease decrypt deduct delete deliver demote deny
  deploy deprovision destroy detach disable disconnect discard dismiss dispatch dispose distribute do downgrade download draft
  drain drop duplicate edit eject empty enable encrypt end enqueue enrol enroll erase escalate evict exchange execute expand
  expire export extend extract fail fetch find finish fire fix flag flush force forget fork format forward freeze fulfil fulfill
  generate get give grant halt hire identify import increase index ingest initiate insert inspect install invalidate invite
  invoke isolate issue kick kill launch liquidate list load lock log lookup mail make mark merge migrate modify monitor move
  mute notify onboard open optimise optimize overwrite patch pause pay perform pick place post prepare print process promote
  propose provision publish pull purchase purge push put quarantine query queue quit raise read reallocate reassign reboot
  rebuild recall receive reconcile recover redeem redeploy redirect reduce refresh refund register reindex reject release
  reload remind remove rename renew reopen reorder repair replace replay reply reschedule reserve reset resize resolve respond
  restart restore resume retire retrieve retry return reverse revert review revoke rewrite roll rollback rotate route run save
  scale scan schedule scrub search sell send set settle ship shorten shutdown sign skip spawn split start stop store submit
  subscribe suspend swap switch sync synchronise synchronize tag take terminate throw transfer transform translate trigger
  truncate tune turn unban unblock undeploy undo uninstall unlink unlock unpublish unsubscribe update upgrade upload upsert
  validate verify void wait wipe withdraw wire write
  `
    .trim()
    .split(/\s+/),
);

/** Whether a word, in small letters, says what is done. */
export function isVerb(word: string): boolean {
  return VERBS.has(word);
}
