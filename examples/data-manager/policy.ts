import type { PolicyInput } from "holdpoint";

/**
 * Who is asked about what. The first rule that matches decides; a call that none matches goes by its tool's declaration:
 * `query_users` is reversible, so it runs by itself.
 */
export const policy: PolicyInput = {
  rules: [
    {
      id: "mass_deletion",
      description: "More than 200 records at once",
      tools: ["delete_records"],
      when: "arguments.count > 200",
      effect: {
        tier: "escalation",
        route: { role: "manager" },
        quorum: { required: 2, refusals: 1 }, // two different people say yes to the same count
        grants: "never",
      },
    },
    {
      id: "large_deletion",
      description: "More than 100 records at once",
      tools: ["delete_records"],
      when: "arguments.count > 100",
      effect: { tier: "escalation", route: { role: "manager" }, grants: "never" },
    },
    {
      id: "deletion",
      description: "Deleted records do not come back",
      tools: ["delete_records"],
      effect: { tier: "sync_gate", grants: "never" },
    },
    {
      id: "notification",
      description: "It reaches somebody outside",
      tools: ["send_notification"],
      effect: { tier: "async_review" }, // nobody has to sit and wait for it
    },
  ],
  // How fast people answer, and what it means when they do not.
  tiers: {
    async_review: { respondWithinSeconds: 3_600, timeoutSeconds: 86_400, onTimeout: "reject" },
    sync_gate: { respondWithinSeconds: 300, timeoutSeconds: 300, onTimeout: "reject" },
    escalation: { respondWithinSeconds: 1_800, timeoutSeconds: 1_800, onTimeout: "reject" },
  },
};
