// Tags in all their forms, notes page by page, segments.

import { all, client, given, refusal, tell, user } from "./acme.mjs";

const { contacts, notes, segments, tags } = client;
const name = `VIP-${given.name}`;
const people = [await user("alice"), await user("bob"), await user("carol")];
const [alice] = people;
const worn = async () => {
    const found = await Promise.all(people.map((one) => contacts.listAttachedTags({ contact_id: one.id })));
    return found.map((one) => one.data.map((tag) => tag.id));
};

const tag = await tags.create({ name });
const again = await tags.create({ name });
const renamed = await tags.create({ id: tag.id, name: `${name}!` });
const byHand = await tags.tagContact({ contact_id: alice.id, id: tag.id });
await tags.create({ name: `${name}!`, users: [{ id: people[1].id }] });
const wornBy = await worn();
await tags.untagContact({ contact_id: alice.id, tag_id: tag.id });
await tags.create({ name: `${name}!`, users: [{ id: people[1].id, untag: "true" }] });
const untagged = await worn();
const found = await tags.find({ tag_id: tag.id });
const there = async () => (await tags.list()).data.some((one) => one.id === tag.id);
const listed = await there();
await tags.delete({ tag_id: tag.id });

const whom = { contact_id: alice.id };
const written = [];
for (let number = 0; number < 5; number += 1) written.push((await notes.create({ ...whom, body: `${number}` })).id);
const noted = await notes.list({ ...whom, per_page: 2 });
const iterated = (await all(noted)).map((one) => one.id);
const note = await notes.create({ ...whom, body: "Likes tea", admin_id: (await client.admins.list()).admins[0].id });
const everySegment = (await segments.list({ include_count: true })).segments;

tell({
    tag,
    again: again.id,
    renamed,
    found,
    worn: byHand,
    worn_by: wornBy,
    untagged,
    listed,
    left: await there(),
    refused: {
        company: await refusal(tags.create({ name, companies: [{ id: "1" }] })),
        deleted: await refusal(tags.find({ tag_id: tag.id })),
    },
    written,
    notes: iterated,
    note,
    note_again: await notes.find({ note_id: Number(note.id) }),
    noted_of_nobody: await refusal(notes.list({ contact_id: "f".repeat(24) })),
    segments: everySegment,
    segment: await segments.find({ segment_id: everySegment[0].id }),
    hers: (await contacts.listAttachedSegments(whom)).data.map((one) => one.name),
    subscriptions: (await contacts.listAttachedSubscriptions(whom)).data,
});
