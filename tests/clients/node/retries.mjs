// A window that is used up: refused at once without retries, and with them answered in the next one.

import { given, refusal, speaking, tell } from "./acme.mjs";

const statuses = [];
const counted = async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
};
const impatient = speaking({ maxRetries: 0 });
const patient = speaking({ fetch: counted });

/** Ask until nothing is left, early enough in a window that the next request falls into it too. */
async function exhaust() {
    for (;;) {
        try {
            await impatient.admins.list();
        } catch (error) {
            if (Number(error.rawResponse.headers.get("retry-after")) > 2) return;
            await new Promise((resolve) => setTimeout(resolve, 2100));
        }
    }
}

await exhaust();
const refused = await refusal(impatient.admins.list());
const made = await patient.contacts.create({ external_id: given.name });
const { data } = await impatient.contacts.list();

tell({
    impatient: refused,
    statuses,
    made: made.id,
    there: data.filter((one) => one.external_id === given.name).map((one) => one.id),
});
