// How refusals reach a backend, and which version is spoken.

import { client, given, refusal, speaking, tell, user } from "./acme.mjs";

const { contacts } = client;
const alice = await user("alice", { owner_id: 7 });
const whom = { contact_id: alice.id };
const { data, rawResponse } = await contacts.find(whom).withRawResponse();
const newer = speaking({ version: "2.16" });

tell({
    alice: alice.id,
    refused: {
        wrong_token: await refusal(speaking({ token: "avow_at_wrong" }).contacts.find(whom)),
        nobody: await refusal(contacts.find({ contact_id: "f".repeat(24) })),
        conflict: await refusal(contacts.create({ external_id: alice.external_id })),
        mismatch: await refusal(contacts.update({ ...whom, custom_attributes: { [given.seats]: "many" } })),
        version: await refusal(contacts.find(whom, { version: "9.99" })),
    },
    owner: data.owner_id,
    owner_in_2_16: (await newer.contacts.find(whom)).owner_id,
    limit: Number(rawResponse.headers.get("x-ratelimit-limit")),
    remaining: Number(rawResponse.headers.get("x-ratelimit-remaining")),
});
