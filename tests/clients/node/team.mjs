// Whose token it is, who works here, who changed what.

import { client, given, refusal, tell } from "./acme.mjs";

const { admins } = client;
const listed = (await admins.list()).admins;
await client.dataAttributes.create({ name: given.attribute, model: "contact", data_type: "string" });
const logs = await admins.listAllActivityLogs({ created_at_after: "0" });

tell({
    me: await admins.identify(),
    listed,
    found: await admins.find({ admin_id: Number(listed[0].id) }),
    activities: logs.activity_logs.map((one) => [one.activity_type, one.metadata.subject]),
    missing: await refusal(admins.find({ admin_id: 5 })),
});
