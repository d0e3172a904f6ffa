// Visitors: found, written, made part of a user, made a lead.

import { client, given, refusal, tell, user } from "./acme.mjs";

const { visitors } = client;
const { first, second } = given;
const alice = await user("alice");
const found = await visitors.find({ user_id: first.user_id });
const written = await visitors.update({ user_id: first.user_id, name: "Gareth" });

tell({
    alice: alice.id,
    found,
    written,
    converted: await visitors.mergeToContact({
        type: "user",
        user: { user_id: alice.external_id },
        visitor: { user_id: first.user_id },
    }),
    lead: await visitors.mergeToContact({ type: "lead", user: {}, visitor: { id: second.id } }),
    gone: await refusal(visitors.find({ user_id: first.user_id })),
    missing: await refusal(visitors.find({ user_id: "nobody" })),
});
