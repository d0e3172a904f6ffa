// The shop's pages tell Avow who is here, as any company's pages would: a token from the backend, and nothing secret.

const { app, who } = document.body.dataset;

window.Intercom("boot", {
  app_id: app,
  getToken: who ? async () => (await fetch("/token")).text() : undefined,
});

for (const button of document.querySelectorAll("[data-logout]")) {
  button.addEventListener("click", () => window.Intercom("shutdown"));
}
