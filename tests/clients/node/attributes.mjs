// Data attributes: declared, listed, opened, archived; and how refusals are told apart.

import { client, given, refusal, tell } from "./acme.mjs";

const declared = { name: given.attribute, model: "contact", data_type: "options", options: [{ value: "gold" }, { value: "silver" }] };
const named = async (request) => (await client.dataAttributes.list(request)).data.find((one) => one.name === given.attribute);
const made = await client.dataAttributes.create(declared);
const edit = (body, options) => client.dataAttributes.update({ data_attribute_id: made.id, body }, options);
const under = { headers: { "Idempotency-Key": given.name } };
const listed = await named({ model: "contact" });
const changed = await edit({ messenger_writable: true, description: "How loyal" }, under);
const refused = {
    twice: await refusal(client.dataAttributes.create(declared)),
    nowhere: await refusal(client.dataAttributes.update({ data_attribute_id: 5, body: { archived: true } })),
    reused: await refusal(edit({ description: "Another" }, under)),
    new_version: await refusal(client.dataAttributes.list({ model: "conversation" }, { version: "2.16" })),
};
const archived = await edit({ archived: true });

tell({
    made,
    listed,
    changed,
    refused,
    archived,
    left: (await named()) !== undefined,
    with_archived: (await named({ include_archived: true })) !== undefined,
    of_conversations: (await client.dataAttributes.list({ model: "conversation" })).data,
});
