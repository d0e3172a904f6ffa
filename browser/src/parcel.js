/**
 * What is on its way to the server? Words on attributes, numbered in the order in which the page said them, or events.
 *
 * - Two parcels make one: of two words on one attribute the later one stands, whichever parcel failed first.
 * - What has been sent is sent again as it was, with its key and the page it was said on: the server knows it by both.
 */

import { freshKey } from "./transport.js";

/**
 * `said` has the number of each word; `page` says where this happens, once it has been sent.
 *
 * @typedef {{ attributes: Record<string, unknown>, said: Record<string, number>, key: string, page?: Page }} Parcel
 * @typedef {{ name: string, metadata: unknown }} TrackedEvent
 * @typedef {{ events: TrackedEvent[], key: string, page?: Page }} EventParcel
 * @typedef {Record<string, string>} Page
 */

/** @param {Record<string, unknown>} attributes @param {number} number of this word @returns {Parcel} */
export function parcelOf(attributes, number) {
  /** @type {Record<string, number>} */
  const said = {};
  for (const name of Object.keys(attributes)) said[name] = number;
  return { attributes, said, key: freshKey() };
}

/** @param {TrackedEvent[]} events @returns {EventParcel} */
export function eventParcelOf(events) {
  return { events, key: freshKey() };
}

/** Two of one, where one event keeps the others out. @param {EventParcel} parcel @returns {EventParcel[]} */
export function halvesOf({ events, page }) {
  const middle = events.length >> 1;
  return [events.slice(0, middle), events.slice(middle)].map((half) => Object.assign(eventParcelOf(half), { page }));
}

/** @param {Parcel | undefined} one @param {Parcel | undefined} other @returns {Parcel | undefined} */
export function joined(one, other) {
  if (!one || !other) return one || other;
  const older = Object.keys(other.said).filter((name) => one.said[name] > other.said[name]);
  return {
    attributes: Object.assign({}, one.attributes, other.attributes, picked(one.attributes, older)),
    said: Object.assign({}, one.said, other.said, picked(one.said, older)),
    key: freshKey(),
  };
}

/**
 * A parcel without the words that newer ones have overtaken.
 *
 * @param {Parcel} parcel
 * @param {Map<string, number>} delivered the newest word on each attribute that the server has
 * @returns {Parcel | undefined} none where nothing is left of it
 */
export function newsOf(parcel, delivered) {
  const names = Object.keys(parcel.said);
  const news = names.filter((name) => parcel.said[name] > (delivered.get(name) || 0));
  if (news.length === names.length) return parcel;
  if (!news.length) return undefined;
  return { attributes: picked(parcel.attributes, news), said: picked(parcel.said, news), key: freshKey() };
}

/** @template T @param {Record<string, T>} from @param {string[]} names @returns {Record<string, T>} */
function picked(from, names) {
  /** @type {Record<string, T>} */
  const found = {};
  for (const name of names) found[name] = from[name];
  return found;
}
