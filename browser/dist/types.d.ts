/**
 * Intercom's settings: identity, attributes and the Messenger's look, all on one level. A name that means nothing else
 * is an attribute.
 */
export type Settings = {
    app_id?: string;
    user_id?: string | number;
    email?: string;
    user_hash?: string;
    intercom_user_jwt?: string;
    getToken?: () => string | null | undefined | Promise<string | null | undefined>;
    name?: string | null;
    phone?: string | null;
    created_at?: number | string | null;
    [attribute: string]: unknown;
};
/**
 * What became of one attribute. `reason` is a stable code; its page is at `/docs/reasons/<reason>` of the server.
 */
export type Line = {
    name: string;
    verdict: "applied" | "unchanged" | "ignored";
    reason: string | null;
    channel: string;
};
/**
 * What the server says of one update. It comes only where the workspace explains its verdicts to browsers.
 */
export type Receipt = {
    attributes: Line[];
};
/**
 * Why a token was refused.
 */
export type Rejection = {
    code: string;
    message: string;
};
/**
 * Who the server says is here.
 */
export type Person = {
    id: string | null;
    role: string;
    anonymous_id: string | null;
    user_id: string | null;
    identity_verified: boolean;
};
