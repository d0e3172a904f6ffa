// Events: tracked with every kind of metadata, listed, counted.

import { client, given, refusal, tell, user } from "./acme.mjs";

const { events } = client;
const alice = await user("alice");
const now = Math.floor(Date.now() / 1000);
const metadata = {
    order: 42,
    price: { amount: 34999, currency: "eur" },
    article: { url: "https://acme.example/1", value: "One" },
};
const tracked = [
    await events.create({ user_id: alice.external_id, event_name: "ordered", created_at: now - 5, metadata }),
    await events.create({ id: alice.id, event_name: "invited", created_at: now }),
];
await events.summaries({
    user_id: alice.external_id,
    event_summaries: { event_name: "ordered", count: 7, first: 1600000000, last: 1700000000 },
});

tell({
    tracked: tracked.map((one) => one ?? null),
    listed: await events.list({ type: "user", user_id: alice.external_id }),
    summary: await events.list({ type: "user", intercom_user_id: alice.id, summary: true }),
    refused: await refusal(events.create({ user_id: `nobody-${given.name}`, event_name: "ordered", created_at: now })),
});
