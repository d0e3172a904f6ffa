// Merging, archiving, blocking.

import { client, given, refusal, tell, user } from "./acme.mjs";

const email = `${given.name}@customer.example`;
const alice = await user("alice", { email });
const lead = await client.contacts.create({ role: "lead", email, phone: "+35312345" });
const merged = await client.contacts.mergeLeadInUser({ from: lead.id, into: alice.id });
const whom = { contact_id: alice.id };
const withHistory = await client.contacts.find(whom, { queryParams: { include_merge_history: true } });

tell({
    alice: alice.id,
    lead: lead.id,
    merged,
    gone: await refusal(client.contacts.find({ contact_id: lead.id })),
    history: withHistory.merge_history,
    archived: await client.contacts.archive(whom),
    unarchived: await client.contacts.unarchive(whom),
    blocked: await client.contacts.blockContact(whom),
});
