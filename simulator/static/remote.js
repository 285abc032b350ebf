// The simulator's control interface, as the browser uses it.

export class Refused extends Error {}

export function remoteFor(phone) {
  const path = `/control/handsets/${encodeURIComponent(phone)}`;
  return {
    state: () => ask(path),
    dial: (code) => ask(`${path}/dial`, { code }),
    type: (keys) => ask(`${path}/type`, { keys }),
    hangUp: () => ask(`${path}/hang-up`, {}),
    write: (text) => ask(`${path}/sms`, { text }),
    read: (message) => ask(`${path}/read`, { message }),
    enterPin: (pin) => ask(`${path}/prompt`, { pin }),
    cancelPrompt: () => ask(`${path}/prompt`, { answer: "cancel" }),
  };
}

export const networks = () => ask("/control/state");

async function ask(path, body) {
  const order = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, { ...order, cache: "no-store" });
  const data = await answer.json();
  if (!answer.ok) throw new Refused(data.error ?? "Something went wrong.");
  return data;
}
