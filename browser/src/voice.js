/**
 * In whose name, and from where, does a request speak?
 *
 * - Whom the first token names, all that follows is about, by name: where another tab has logged in somebody else, the
 *   server refuses her token instead of writing it to her.
 * - What is sent again is sent as it was, page and all, for the server knows it by that.
 */

import { userOf } from "./settings.js";
import { post } from "./transport.js";

/**
 * @typedef {import("./parcel.js").Parcel} Parcel
 * @typedef {import("./parcel.js").EventParcel} EventParcel
 * @typedef {import("./transport.js").Answer} Answer
 */

export class Voice {
  /**
   * @param {string} person whom the page names
   * @param {string} server where the server is
   * @param {() => Record<string, string>} page fields that say where this happens
   */
  constructor(person, server, page) {
    this._person = person;
    this._server = server;
    this._page = page;
    /** @type {string | undefined} who it is: by the page's word, or else by the first token */
    this.user = person.slice(0, 5) === "user:" ? person.slice(5) : undefined;
    /** @type {Record<string, unknown>} what else the page claims outside a token */
    this.claims = {};
    /** @type {Promise<unknown>} all requests, until their answers */
    this.over = Promise.resolve();
  }

  /**
   * Whether this person's words belong here, too: whoever has shown by a token who she is, may be named afterwards.
   *
   * @param {string} person
   */
  isFor(person) {
    if (person === this._person || this.user === undefined) return person === this._person;
    return person === "user:" + this.user || (this._person === "visitor" && person.slice(0, 5) !== "user:");
  }

  /** From now on everything is told as from here. */
  stay() {
    const page = this._page();
    this._page = () => page;
  }

  /** @param {Parcel} parcel @param {string | undefined} jwt */
  async ping(parcel, jwt) {
    const answer = await this._post("ping", parcel, jwt, parcel.attributes, {});
    const told = answer.status === 200 && answer.body;
    if (told && jwt && told.identity_verified && !this.user) this.user = told.user.user_id || undefined;
    return answer;
  }

  /** @param {EventParcel} batch @param {string | undefined} jwt */
  events(batch, jwt) {
    const data = batch.events.map(({ name, metadata }) => ({ event_name: name, metadata }));
    return this._post("events", batch, jwt, {}, { event_list: JSON.stringify({ data }) });
  }

  /**
   * @param {string} route
   * @param {Parcel | EventParcel} parcel
   * @param {string | undefined} jwt
   * @param {Record<string, unknown>} attributes
   * @param {Record<string, string>} fields
   * @returns {Promise<Answer>}
   */
  _post(route, parcel, jwt, attributes, fields) {
    if (jwt && this.user === undefined) this.user = userOf(jwt);
    const page = this._page();
    parcel.page = parcel.page || page;
    // An e-mail address goes along only where it says who she is: it is an attribute, too, and would be written each time.
    const named = jwt || (this.user !== undefined && !this.claims.user_hash);
    const identity = Object.assign({ user_id: this.user }, !named && this.claims, jwt && { intercom_user_jwt: jwt });
    const flight = post(`${this._server}/messenger/web/${route}`, Object.assign({}, page, parcel.page, fields, {
      user_data: JSON.stringify(Object.assign({}, attributes, identity)),
      "Idempotency-Key": parcel.key,
    }));
    const others = this.over;
    this.over = flight.then(() => others);
    return flight;
  }
}
