/* How does a dialog come and go? The browser's own: focus stays in it, Escape closes it, focus goes back afterwards. */

(() => {
  "use strict";

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (!dialog) return;
    dialog.showModal();
    dialog.dispatchEvent(new CustomEvent("opened", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dialog]");
    if (button) {
      event.preventDefault();
      open(button.dataset.dialog);
    }
    const leave = event.target.closest("[data-close]");
    if (leave && leave.closest("dialog")) {
      event.preventDefault();
      leave.closest("dialog").close();
    }
    if (event.target instanceof HTMLDialogElement && event.target.dataset.modal !== undefined) event.target.close();
  });

  /** A form with a fault in it is shown again where it was: in its dialog. */
  const reopen = (root) => {
    for (const dialog of root.querySelectorAll("dialog[data-open]")) {
      if (!dialog.open) dialog.showModal();
    }
  };

  document.addEventListener("DOMContentLoaded", () => reopen(document));
  document.addEventListener("htmx:afterSettle", () => reopen(document));

  /** A dialog that was closed asks for nothing more. */
  document.addEventListener("htmx:beforeRequest", (event) => {
    const dialog = event.detail.elt.closest("dialog");
    if (dialog && !dialog.open) event.preventDefault();
  });

  /** The lock's dialog locks what was counted: not before the numbers of a choice have come, and it says where they
      do not come. */
  const counting = (event) => {
    if (event.detail.elt.id !== "lock-choice") return;
    const form = event.detail.elt.closest("form");
    const { status } = event.detail.xhr;
    const isDone = event.type === "htmx:afterRequest";
    const failed = isDone && !(status >= 200 && status < 400); // 0: there was no answer
    form.querySelector("footer .main").disabled = failed || !isDone;
    if (!failed) return;
    form.querySelector("#lock-about").textContent =
      "Your choice could not be counted, so it cannot be locked yet: check or uncheck a box to try again. " +
      "What follows is about what was chosen before.";
  };
  document.addEventListener("htmx:beforeRequest", counting);
  document.addEventListener("htmx:afterRequest", counting);

  /** What is fetched into a dialog opens it. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.detail.target;
    if (place instanceof HTMLDialogElement && !place.open && place.childElementCount) place.showModal();
  });
})();
