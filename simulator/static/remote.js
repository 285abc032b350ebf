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
    payBill: (amount, account) => ask(`${path}/pay`, { amount, account }),
    cancelPrompt: () => ask(`${path}/prompt`, { answer: "cancel" }),
  };
}

export const networks = () => ask("/control/state");

export const staffCodes = () => ask("/control/staff-codes");

export const faults = {
  known: () => ask("/control/faults/known"),
  inForce: () => ask("/control/faults"),
  put: (change) => ask("/control/faults", change, "PUT"),
};

export const clock = {
  read: () => ask("/control/clock"),
  stand: (moment) => ask("/control/clock", { stands_at: moment }, "PUT"),
  advance: (seconds) => ask("/control/clock/advance", { seconds }),
};

async function ask(path, body, method = "POST") {
  const order = body === undefined ? {} : {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(path, { ...order, cache: "no-store" });
  const data = await answer.json();
  if (!answer.ok) throw new Refused(data.error ?? "Something went wrong.");
  return data;
}
