// What every script begins with: Intercom's client, pointed at Acme's server, and how results are told.

import { IntercomClient } from "intercom-client";

/** What the test hands over: `url`, `token`, a `name` that nobody else has, and more. */
export const given = JSON.parse(process.env.GIVEN);

/** A client as it comes. */
export const speaking = (options = {}) => new IntercomClient({ token: given.token, baseUrl: given.url, ...options });

export const client = speaking();

/** A user of that name. */
export const user = (what, fields = {}) => client.contacts.create({ external_id: `${what}-${given.name}`, ...fields });

/** How a request was refused, as a backend's catch sees it. */
export async function refusal(promise) {
    try {
        await promise;
    } catch (error) {
        const { errors, type } = error.body;
        return {
            kind: error.constructor.name,
            status: error.statusCode,
            type,
            codes: errors.map((one) => one.code),
            message: errors[0].message,
            link: error.rawResponse.headers.get("link"),
        };
    }
    throw new Error("This was not refused.");
}

/** Everything that a page and its followers hold. */
export async function all(page) {
    const entries = [];
    for await (const one of await page) entries.push(one);
    return entries;
}

/** The end of a script. */
export const tell = (told) => console.log(JSON.stringify(told));
