// Companies: none, whichever way one asks.

import { all, client, refusal, tell, user } from "./acme.mjs";

const { companies, contacts } = client;
const { id } = await user("alice");
const acme = { company_id: "acme" };

tell({
    lists: {
        list: await all(companies.list()),
        scroll: await all(companies.scroll()),
        scroll_from: await all(companies.scroll({ scroll_param: "25b649f7-4d33-4ef6-88f5-60e5b8244309" })),
        of_alice: await all(contacts.listAttachedCompanies({ contact_id: id })),
        retrieve: (await companies.retrieve()).data,
    },
    missing: {
        retrieve: await refusal(companies.retrieve(acme)),
        find: await refusal(companies.find(acme)),
        contacts: await refusal(companies.listAttachedContacts(acme)),
        segments: await refusal(companies.listAttachedSegments(acme)),
    },
    refused: {
        create: await refusal(companies.createOrUpdate(acme)),
        update: await refusal(companies.update({ ...acme, body: { name: "Acme" } })),
        delete: await refusal(companies.delete(acme)),
        attach: await refusal(companies.attachContact({ contact_id: id, id: "acme" })),
        detach: await refusal(companies.detachContact({ contact_id: id, ...acme })),
    },
});
