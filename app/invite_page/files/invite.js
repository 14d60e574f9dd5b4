"use strict";

const ACCEPT = `mutation ($input: InvitationAcceptInput!) {
  invitationAccept(input: $input) { viewer { name } userErrors { message } }
}`;
const token = location.hash.slice(1);
const form = document.querySelector("form");
const alert = document.querySelector('[role="alert"]');
history.replaceState(null, "", location.pathname); // so that the secret is in no bookmark
if (!token) alert.textContent = "This link is not whole: open it as you were given it.";

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  alert.textContent = "";
  const input = { token, name: form.elements.name.value || null, password: form.elements.password.value, cookie: true };
  try {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: ACCEPT, variables: { input } }),
    });
    const { data, errors } = await answer.json();
    const wrong = [...(errors ?? []), ...(data?.invitationAccept?.userErrors ?? [])];
    if (!wrong.length) return location.assign("/");
    alert.textContent = wrong.map((error) => error.message).join(". ");
  } catch {
    alert.textContent = "The server cannot be reached. Try again.";
  }
  button.disabled = false;
});
