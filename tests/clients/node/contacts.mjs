// Contacts: created, read, changed, erased.

import { client, given, refusal, tell, user } from "./acme.mjs";

const { seats } = given;
const made = await user("acme/älice ?#% ..", {
    email: `${given.name}@customer.example`,
    name: "Alice",
    owner_id: 7,
    signed_up_at: 1700000000,
    unsubscribed_from_emails: true,
    custom_attributes: { [seats]: 12 },
});
const whom = { contact_id: made.id };
const found = await client.contacts.find(whom);
const byExternalId = await client.contacts.showContactByExternalId({ external_id: made.external_id });
const changed = await client.contacts.update({ ...whom, name: "Alice B.", custom_attributes: { [seats]: 13 } });
const cleared = await client.contacts.update({ ...whom, name: null, custom_attributes: { [seats]: null } });
const told = await client.contacts.update({ ...whom, name: "Alice" }, { headers: { "Avow-Receipt": "1" } });
const under = { headers: { "Idempotency-Key": given.name } };
const once = [];
for (let time = 0; time < 2; time += 1) once.push((await client.contacts.create({ role: "lead" }, under)).id);
const deleted = await client.contacts.delete(whom);

tell({
    seats,
    made,
    found,
    by_external_id: byExternalId,
    changed,
    cleared,
    receipt: told.receipt.attributes,
    once,
    deleted,
    gone: await refusal(client.contacts.find(whom)),
});
