/**
 * How does what a page says of one person reach the server, whatever the network does?
 *
 * - One request at a time. What comes meanwhile is joined, and the newest word on each attribute goes out next.
 * - A request that fails is tried again a few times, further and further apart, under the same Idempotency-Key; then it
 *   waits for the network, the next update, or the end of the page.
 * - A page that ends sends what is left at once, past every wait.
 * - A refused token is replaced once per refusal; without another one, what was to be sent waits for it.
 */

import { eventParcelOf, halvesOf, joined, newsOf, parcelOf } from "./parcel.js";
import { pause } from "./throttle.js";
import { isTaken, isWorthAnotherTry, problemOf } from "./transport.js";
import { Voice } from "./voice.js";

const RETRIES = 6;
const EVENTS_AT_ONCE = 20;
const MOST_EVENTS = 200;

/**
 * @typedef {import("./parcel.js").Parcel} Parcel
 * @typedef {import("./parcel.js").EventParcel} EventParcel
 * @typedef {Object} Surroundings what a delivery needs of the world
 * @property {string} server where the server is
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
    this.voice = new Voice(person, world.server, world.page);
    this.tokens = tokens;
    this._world = world;
    this._after = after;
    /** @type {Parcel | undefined} */
    this._parcel = undefined;
    this._words = 0;
    /** @type {Map<string, number>} the newest word on each attribute that the server has */
    this._delivered = new Map();
    /** @type {import("./parcel.js").TrackedEvent[]} */
    this._events = [];
    /** @type {EventParcel[]} what is to be sent again */
    this._batches = [];
    this._free = false;
    this._failures = 0;
    /** @type {any} */
    this._timer = undefined;
    /** @type {Promise<void>} */
    this._turn = Promise.resolve();
    this._running = false;
    /** @type {Promise<unknown>} what a page has sent as it was left, until it is known what became of it */
    this._beside = Promise.resolve();
  }

  /**
   * Have attributes delivered; none at all is a sign of life.
   *
   * @param {Record<string, unknown>} attributes
   * @param {boolean} counts whether the page's budget of updates pays for it
   */
  update(attributes, counts) {
    this._parcel = joined(this._parcel, parcelOf(attributes, (this._words += 1)));
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
    if (this._waits) this._begin();
  }

  get _waits() {
    return this._parcel !== undefined || this._events.length + this._batches.length > 0;
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
    if (parting === "for good") this.voice.stay();
    const sent = this._sendAll();
    // Where nobody knows yet who leaves, a token that is fetched from now on may be that of whoever comes next.
    if (parting && this.voice.user === undefined) this.tokens.release();
    return sent;
  }

  /** @returns {Promise<unknown>} all that waits, beside what is on its way already */
  _sendAll() {
    const parcel = this._take();
    const batches = this._batches.splice(0);
    for (let batch = this._cut(); batch; batch = this._cut()) batches.push(batch);
    if (!parcel && !batches.length) return this._running ? this._turn : this.voice.over;
    const before = this.voice.over;
    const others = this._beside;
    /** @param {string | undefined} jwt */
    const send = async (jwt) => {
      if (this.tokens.missing && !jwt) {
        this._keep(parcel, batches);
        return this._awaitToken();
      }
      const told = batches.map((batch) => this.voice.events(batch, jwt));
      const answer = parcel && (await this.voice.ping(parcel, jwt));
      const failed = answer && parcel && !this._settle(answer, parcel) ? answer : undefined;
      const answers = await Promise.all(told);
      /** @type {EventParcel[]} */
      const left = [];
      batches.forEach((batch, at) => left.push(...this._leftOf(batch, answers[at])));
      this._keep(failed && parcel, left);
      const refused = failed || answers.filter(isWorthAnotherTry)[0];
      if (!refused && left.length) this._begin();
      return refused && { refused, jwt };
    };
    // There is no time to wait for a token, unless there is none at all.
    const sent = this.tokens.jwt ? send(this.tokens.jwt) : this.tokens.current().then(send);
    this._beside = sent.then(() => others);
    return sent.then(async (fault) => {
      if (fault && (await this._recover(fault.refused, fault.jwt))) this._begin();
      await before;
    });
  }

  /** What could not be sent stays. @param {Parcel | undefined} parcel @param {EventParcel[]} batches */
  _keep(parcel, batches) {
    if (parcel) {
      this._parcel = joined(parcel, this._parcel);
      this._free = true;
    }
    this._batches.unshift(...batches);
  }

  /** What is to go out now. @returns {Parcel | undefined} */
  _take() {
    const parcel = this._parcel && newsOf(this._parcel, this._delivered);
    this._parcel = undefined;
    this._free = false;
    return parcel;
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
    while (this._waits) {
      const wait = this._parcel && !this._free ? this._world.throttle.wait : 0;
      if (wait > 0 && !this._events.length && !this._batches.length) {
        this._world.warn(`20 updates in 30 minutes are used up; the newest state goes out in ${Math.ceil(wait / 60000)} min.`);
        return this._again(wait);
      }
      const jwt = await this.tokens.current();
      if (this.tokens.missing) return this._awaitToken();
      // Of two requests at a time, the older word may arrive last.
      await this._beside;
      // Only what is sent is counted, and what has been counted once is free.
      const parcel = this._parcel && (this._free || this._world.throttle.take()) ? this._take() : undefined;
      const goesOn = parcel ? await this._deliver(parcel, jwt) : await this._deliverEvents(jwt);
      if (!goesOn) return;
    }
  }

  /** @param {Parcel} parcel @param {string | undefined} jwt @returns {Promise<boolean>} whether to go on at once */
  async _deliver(parcel, jwt) {
    const answer = await this.voice.ping(parcel, jwt);
    if (this._settle(answer, parcel)) return true;
    this._keep(parcel, []);
    return this._recover(answer, jwt);
  }

  /** @param {string | undefined} jwt @returns {Promise<boolean>} */
  async _deliverEvents(jwt) {
    const batch = this._batches.shift() || this._cut();
    if (!batch) return true;
    const answer = await this.voice.events(batch, jwt);
    this._keep(undefined, this._leftOf(batch, answer));
    if (isWorthAnotherTry(answer)) return this._recover(answer, jwt);
    this._failures = 0;
    return true;
  }

  /** What is still to be sent: one event that cannot be taken costs no other, and is found by halving the batch.
   * @param {EventParcel} batch @param {import("./transport.js").Answer} answer @returns {EventParcel[]} */
  _leftOf(batch, answer) {
    if (isWorthAnotherTry(answer)) return [batch];
    if (answer.status === 200 || isTaken(answer)) return [];
    if (batch.events.length > 1 && (answer.status === 400 || answer.status === 413)) return halvesOf(batch);
    this._complain(answer, batch.events.map(({ name }) => `"${name}"`).join(", ") + " was");
    return [];
  }

  _cut() {
    const events = this._events.splice(0, EVENTS_AT_ONCE);
    return events.length ? eventParcelOf(events) : undefined;
  }

  /**
   * What a parcel's answer means for it.
   *
   * @param {import("./transport.js").Answer} answer
   * @param {Parcel} parcel
   * @returns {boolean} whether it is done with
   */
  _settle(answer, parcel) {
    const taken = isTaken(answer);
    if (taken || (answer.status === 200 && answer.body)) {
      this._failures = 0;
      this.tokens.believed();
      for (const name of Object.keys(parcel.said)) {
        this._delivered.set(name, Math.max(this._delivered.get(name) || 0, parcel.said[name]));
      }
      if (taken) this.update({}, false); // its answer is lost, and what the other token says has not been heard yet
      else this._world.onAnswer(answer.body, this);
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
}
