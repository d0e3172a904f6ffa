/**
 * Begin. Later calls do nothing, so that a component may render again.
 *
 * @param {import("./types.js").Settings & { server: string }} settings
 */
export function Intercom(settings: import("./types.js").Settings & {
    server: string;
}): void;
export default Intercom;
export function boot(settings: import("./types.js").Settings): any;
export function update(settings?: import("./types.js").Settings): any;
export function shutdown(): any;
export function trackEvent(name: string, metadata?: Record<string, unknown>): any;
export function getVisitorId(): string | undefined;
export function whoami(): import("./types.js").Person | null;
export function ready(callback: () => void): any;
export function onUserEmailSupplied(callback: (email: string) => void): any;
export function onReceipt(callback: (receipt: import("./types.js").Receipt) => void): any;
export function onTokenRejected(callback: (rejection: import("./types.js").Rejection) => void): any;
export function onUnreadCountChange(callback: (count: number) => void): any;
export function onShow(callback: () => void): any;
export function onHide(callback: () => void): any;
export function show(): any;
export function hide(): any;
export function showSpace(space: string): any;
export function showMessages(): any;
export function showNewMessage(text?: string): any;
export function startConversation(text?: string): any;
export function showArticle(id: string | number): any;
export function showNews(id: string | number): any;
export function showTicket(id: string | number): any;
export function showConversation(id: string | number): any;
export function startTour(id: string | number): any;
export function startSurvey(id: string | number): any;
export function startChecklist(id: string | number): any;
export function hideNotifications(hidden: boolean): any;
