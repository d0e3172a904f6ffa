/**
 * The shapes that a page may rely on. They are shipped as TypeScript declarations, made from these comments.
 */

/**
 * Intercom's settings: identity, attributes and the Messenger's look, all on one level. A name that means nothing else
 * is an attribute. `undefined` is not said; `null` clears an attribute, and names nobody.
 *
 * @typedef {{
 *   app_id?: string,
 *   user_id?: string | number | bigint | null,
 *   email?: string | null,
 *   user_hash?: string | null,
 *   intercom_user_jwt?: string | null,
 *   getToken?: (() => string | null | undefined | Promise<string | null | undefined>) | null,
 *   name?: string | null,
 *   phone?: string | null,
 *   created_at?: number | string | Date | null,
 *   [attribute: string]: unknown,
 * }} Settings
 */

/**
 * What became of one attribute. `reason` is a stable code; its page is at `/docs/reasons/<reason>` of the server.
 *
 * @typedef {{ name: string, verdict: "applied" | "unchanged" | "ignored", reason: string | null, channel: string }} Line
 */

/**
 * What the server says of one update. It comes only where the workspace explains its verdicts to browsers.
 *
 * @typedef {{ attributes: Line[] }} Receipt
 */

/**
 * Why a token was refused.
 *
 * @typedef {{ code: string, message: string }} Rejection
 */

/**
 * Who the server says is here.
 *
 * @typedef {{
 *   id: string | null, role: string, anonymous_id: string | null, user_id: string | null, identity_verified: boolean,
 * }} Person
 */

export {};
