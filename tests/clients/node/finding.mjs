// Lists and searches, by the client's own iterators.

import { all, client, given, refusal, tell, user } from "./acme.mjs";

const custom = `custom_attributes.${given.crowd}`;
const crowd = { field: "name", operator: "=", value: given.crowd };

const page = await client.contacts.list({ per_page: 120 });
const before = page.response.total_count;
const listed = page.data.map((one) => one.id);
await user("newcomer", { name: given.crowd });
while (page.hasNextPage()) {
    await page.getNextPage();
    listed.push(...page.data.map((one) => one.id));
}
const total = async (query) => (await client.contacts.search({ query, pagination: { per_page: 1 } })).response.total_count;
const ids = async (request) => (await all(client.contacts.search(request))).map((one) => one.id);
const counted = { operator: "AND", value: [crowd, { field: custom, operator: "!=", value: null }] };

tell({
    before,
    listed,
    searched: await ids({ query: counted, pagination: { per_page: 130 } }),
    searched_without_paging: await ids({ query: counted }),
    between: await total({
        operator: "AND",
        value: [
            { field: custom, operator: ">", value: 9 },
            { field: custom, operator: "<", value: 1000 },
        ],
    }),
    unset: await total({ operator: "AND", value: [crowd, { field: custom, operator: "=", value: null }] }),
    set: await total({ operator: "AND", value: [crowd, { field: custom, operator: "!=" }] }),
    refused: await refusal(client.contacts.search({ query: { field: "favourite_colour", operator: "=", value: "red" } })),
});
