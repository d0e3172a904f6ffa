/**
 * How does an update travel? As a form, so that no browser has to ask first (no CORS preflight), without cookies, and
 * with `keepalive`, so that it outlives the page that sends it.
 *
 * Nothing here throws: whatever happened comes back as an `Answer`.
 */

/**
 * `status` is 0 where nobody answered. `retryAfter` is in seconds.
 *
 * @typedef {{ status: number, body: any, retryAfter: number | undefined }} Answer
 */

/** Bytes; browsers refuse more in requests that are to outlive the page. */
const KEEPALIVE = 60 * 1024;
/** Milliseconds after which nobody waits any more. */
const PATIENCE = 20000;

/**
 * Where Avow is, by the script's address or what the page calls its server: a proxy may have put it below a path.
 *
 * @param {URL} address
 * @returns {string} without a slash at its end
 */
export function serverOf({ origin, pathname }) {
  return origin + pathname.replace(/(\/widget\/.*)?\/*$/, "");
}

/**
 * @param {string} url
 * @param {Record<string, string>} fields
 * @returns {Promise<Answer>}
 */
export async function post(url, fields) {
  const body = new URLSearchParams(fields).toString();
  const stop = typeof AbortController === "function" ? new AbortController() : undefined;
  const timer = setTimeout(() => stop && stop.abort(), PATIENCE);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      credentials: "omit",
      mode: "cors",
      keepalive: body.length < KEEPALIVE,
      signal: stop && stop.signal,
    });
    const wait = Number(response.headers.get("retry-after"));
    return { status: response.status, body: await response.json().catch(() => null), retryAfter: wait || undefined };
  } catch (_) {
    return { status: 0, body: null, retryAfter: undefined };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Answer} answer
 * @returns {boolean} nobody has taken it, and somebody may; 200 without an answer of ours is a worker or a proxy on the way
 */
export function isWorthAnotherTry({ status, body }) {
  return status >= 500 || [0, 401, 408, 429].indexOf(status) >= 0 || (status === 200 && !body);
}

/** @param {Answer} answer @returns {boolean} an earlier try under this key was taken, though its answer was lost */
export function isTaken(answer) {
  return answer.status === 422 && problemOf(answer).code === "idempotency_key_reused";
}

/** @param {Answer} answer @returns {{ code: string, message: string }} */
export function problemOf(answer) {
  const first = (answer.body && answer.body.errors && answer.body.errors[0]) || {};
  return { code: String(first.code || "unavailable"), message: String(first.message || `the server answered ${answer.status}.`) };
}

/** @returns {string} 16 hex digits, a new one each time */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
}
