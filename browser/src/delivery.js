/**
 * How does what a page says of one person reach the server, whatever the network does?
 *
 * - One request at a time. What comes meanwhile is joined, and the newest word on each attribute goes out next.
 * - A request that fails is tried again a few times, further and further apart, under the same Idempotency-Key; then it
 *   waits for the network, the next update, or the end of the page.
 * - A page that ends sends what is left at once, past every wait.
 * - A refused token is replaced once per refusal; without another one, what was to be sent waits for it.
 */

import { pause } from "./throttle.js";
import { freshKey, post } from "./transport.js";

const RETRIES = 6;
const EVENTS_AT_ONCE = 20;
const MOST_EVENTS = 200;

/**
 * @typedef {{ attributes: Record<string, unknown>, key: string }} Parcel
 * @typedef {{ name: string, metadata: unknown }} TrackedEvent
 * @typedef {{ events: TrackedEvent[], key: string }} EventParcel
 * @typedef {Object} Surroundings what a delivery needs of the world
 * @property {string} server the server's origin
 * @property {() => Record<string, string>} page fields that say where this happens
 * @property {import("./throttle.js").Throttle} throttle
 * @property {(answer: any, delivery: Delivery) => void} onAnswer
 * @property {(code: string, message: string) => void} onRefused the token was refused
 * @property {(text: string) => void} warn
 * @property {(call: () => void, wait: number) => any} later
 * @property {(timer: any) => void} cancel
 */

export class Delivery {
  /**
   * @param {string} person
   * @param {import("./token.js").TokenSource} tokens
   * @param {Surroundings} world
   * @param {Promise<unknown>} after what has to be over first
   */
  constructor(person, tokens, world, after) {
    this.person = person;
    this.tokens = tokens;
    /** @type {Record<string, unknown>} what the page claims outside a token, session and identity */
    this.claims = {};
    this._world = world;
    this._after = after;
    /** @type {Parcel | undefined} */
    this._parcel = undefined;
    /** @type {TrackedEvent[]} */
    this._events = [];
    /** @type {EventParcel | undefined} */
    this._eventParcel = undefined;
    this._free = false;
    this._failures = 0;
    /** @type {any} */
    this._timer = undefined;
    /** @type {Promise<void>} */
    this._turn = Promise.resolve();
    this._running = false;
    /** @type {Promise<unknown>} the newest request, until its answer */
    this._flight = Promise.resolve();
  }

  /**
   * Have attributes delivered; none at all is a sign of life.
   *
   * @param {Record<string, unknown>} attributes
   * @param {boolean} counts whether the page's budget of updates pays for it
   */
  update(attributes, counts) {
    this._parcel = { attributes: Object.assign({}, this._parcel && this._parcel.attributes, attributes), key: freshKey() };
    if (!counts) this._free = true;
    this._anew();
  }

  /** @param {string} name @param {unknown} metadata */
  track(name, metadata) {
    if (this._events.length >= MOST_EVENTS) {
      this._world.warn(`more than ${MOST_EVENTS} events are waiting; "${name}" was not kept.`);
      return;
    }
    this._events.push({ name, metadata });
    this._anew();
  }

  /** There is something new: reason enough to ask for a token again, if nobody does any more. */
  _anew() {
    if (!this.tokens.renewable) this.tokens.hope();
    this._begin();
  }

  /** Try again now: the network is back, or there is another token. */
  wake() {
    this._failures = 0;
    this.tokens.hope();
    if (this._parcel || this._events.length || this._eventParcel) this._begin();
  }

  /**
   * The page ends, or may: what waits goes out now, with the token there is. What fails waits for the page to go on.
   *
   * @param {"to another" | "for good"} [parting] the person leaves too, so a token is asked for whatever failed before;
   *   for good: what is still sent is told as from where she was
   * @returns {Promise<unknown>}
   */
  leave(parting) {
    this._world.cancel(this._timer);
    if (parting) this.tokens.hope();
    if (parting === "for good") {
      const page = this._world.page();
      this._world = Object.assign({}, this._world, { page: () => page });
    }
    const parcel = this._parcel;
    const batches = this._eventParcel ? [this._eventParcel] : [];
    for (let batch = this._cut(); batch; batch = this._cut()) batches.push(batch);
    if (!parcel && !batches.length) return this._running ? this._turn : this._flight;
    this._parcel = this._eventParcel = undefined;
    /** @param {string | undefined} jwt */
    const send = async (jwt) => {
      if (this.tokens.missing && !jwt) {
        this._keep(parcel, batches);
        return this._awaitToken();
      }
      const flight = this._flight;
      const told = batches.map((batch) => this._post("events", this._eventFields(batch), jwt));
      const answer = parcel && (await this._post("ping", this._pingFields(parcel), jwt));
      const failed = answer && parcel && !this._settle(answer, parcel) ? answer : undefined;
      const answers = await Promise.all(told);
      this._keep(failed && parcel, batches.filter((_, at) => isWorthAnotherTry(answers[at])));
      const refused = failed || answers.filter(isWorthAnotherTry)[0];
      if (refused && (await this._recover(refused, jwt))) this._begin();
      await flight;
    };
    // There is no time to wait for a token, unless there is none at all.
    return this.tokens.jwt ? send(this.tokens.jwt) : this.tokens.current().then(send);
  }

  /** What could not be sent stays; the newest word stands. @param {Parcel | undefined} parcel @param {EventParcel[]} batches */
  _keep(parcel, batches) {
    if (parcel) {
      const newer = this._parcel;
      this._parcel = newer
        ? { attributes: Object.assign({}, parcel.attributes, newer.attributes), key: newer.key }
        : parcel;
      this._free = true;
    }
    if (!this._eventParcel) this._eventParcel = batches.shift();
    for (const batch of batches.reverse()) this._events.unshift(...batch.events);
  }

  _begin() {
    this._world.cancel(this._timer);
    if (this._running) return;
    this._running = true;
    // What a page says in one breath is one update.
    const over = () => {
      this._running = false;
    };
    this._turn = this._after.then(() => this._run()).then(over, over);
  }

  async _run() {
    while (this._parcel || this._events.length || this._eventParcel) {
      const wait = this._parcel && !this._free ? this._world.throttle.wait : 0;
      if (wait > 0 && !this._events.length && !this._eventParcel) {
        this._world.warn(`20 updates in 30 minutes are used up; the newest state goes out in ${Math.ceil(wait / 60000)} min.`);
        return this._again(wait);
      }
      const jwt = await this.tokens.current();
      if (this.tokens.missing) return this._awaitToken();
      // Only what is sent is counted, and what has been counted once is free.
      const parcel = this._parcel && (this._free || this._world.throttle.take()) ? this._parcel : undefined;
      const goesOn = parcel ? await this._deliver(parcel, jwt) : await this._deliverEvents(jwt);
      if (!goesOn) return;
    }
  }

  /** @param {Parcel} parcel @param {string | undefined} jwt @returns {Promise<boolean>} whether to go on at once */
  async _deliver(parcel, jwt) {
    this._parcel = undefined;
    this._free = false;
    const answer = await this._post("ping", this._pingFields(parcel), jwt);
    if (this._settle(answer, parcel)) return true;
    this._keep(parcel, []);
    return this._recover(answer, jwt);
  }

  /** @param {string | undefined} jwt @returns {Promise<boolean>} */
  async _deliverEvents(jwt) {
    const parcel = (this._eventParcel = this._eventParcel || this._cut());
    if (!parcel) return true;
    const answer = await this._post("events", this._eventFields(parcel), jwt);
    if (isWorthAnotherTry(answer)) return this._recover(answer, jwt);
    this._eventParcel = undefined;
    this._failures = 0;
    if (answer.status !== 200) this._complain(answer, "Events were");
    return true;
  }

  _cut() {
    const events = this._events.splice(0, EVENTS_AT_ONCE);
    return events.length ? { events, key: freshKey() } : undefined;
  }

  /**
   * What a parcel's answer means for it.
   *
   * @param {import("./transport.js").Answer} answer
   * @param {Parcel} parcel
   * @returns {boolean} whether it is done with
   */
  _settle(answer, parcel) {
    if (answer.status === 200 && answer.body) {
      this._failures = 0;
      this.tokens.believed();
      this._world.onAnswer(answer.body, this);
      return true;
    }
    if (isWorthAnotherTry(answer)) return false;
    this._complain(answer, Object.keys(parcel.attributes).length ? "An update was" : "This page was");
    return true;
  }

  /** @param {import("./transport.js").Answer} answer @param {string | undefined} jwt @returns {Promise<boolean>} */
  async _recover(answer, jwt) {
    if (answer.status === 401) {
      if (await this.tokens.replace(jwt)) return true;
      if (this.tokens.missing) return this._awaitToken(), false;
      const { code, message } = problemOf(answer);
      this._world.onRefused(code, message);
      return false;
    }
    this._failures += 1;
    if (this._failures > RETRIES) {
      this._world.warn("the server does not answer; what was not delivered goes out with the next update.");
      return false;
    }
    this._again(answer.retryAfter ? answer.retryAfter * 1000 : pause(this._failures));
    return false;
  }

  /** `getToken` fails: later, or not before the page does something about it. */
  _awaitToken() {
    if (this.tokens.renewable) return this._again(this.tokens.wait);
    if (this.tokens.told) return;
    this.tokens.told = true;
    this._world.onRefused("token_unavailable", "getToken failed, so nobody can be proven to be here.");
  }

  /** @param {number} wait */
  _again(wait) {
    this._world.cancel(this._timer);
    this._timer = this._world.later(() => this._begin(), wait);
  }

  /** @param {import("./transport.js").Answer} answer @param {string} what */
  _complain(answer, what) {
    const { code, message } = problemOf(answer);
    this._world.warn(`${what} refused (${code}): ${message} See ${this._world.server}/docs/reasons/${code}`);
  }

  /** @param {string} route @param {Record<string, string>} fields @param {string | undefined} jwt */
  _post(route, fields, jwt) {
    const userData = Object.assign({}, JSON.parse(fields.user_data), this.claims, jwt ? { intercom_user_jwt: jwt } : {});
    const flight = post(`${this._world.server}/messenger/web/${route}`, Object.assign({}, this._world.page(), fields, {
      user_data: JSON.stringify(userData),
    }));
    this._flight = flight;
    return flight;
  }

  /** @param {Parcel} parcel @returns {Record<string, string>} */
  _pingFields(parcel) {
    return { user_data: JSON.stringify(parcel.attributes), "Idempotency-Key": parcel.key };
  }

  /** @param {{ events: TrackedEvent[], key: string }} parcel @returns {Record<string, string>} */
  _eventFields(parcel) {
    const data = parcel.events.map(({ name, metadata }) => ({ event_name: name, metadata }));
    return { user_data: "{}", event_list: JSON.stringify({ data }), "Idempotency-Key": parcel.key };
  }
}

/** @param {import("./transport.js").Answer} answer @returns {boolean} nobody has taken it, and somebody may */
function isWorthAnotherTry(answer) {
  return answer.status === 0 || answer.status === 401 || answer.status === 429 || answer.status >= 500;
}

/** @param {import("./transport.js").Answer} answer @returns {{ code: string, message: string }} */
export function problemOf(answer) {
  const first = (answer.body && answer.body.errors && answer.body.errors[0]) || {};
  return { code: String(first.code || "unavailable"), message: String(first.message || `the server answered ${answer.status}.`) };
}
