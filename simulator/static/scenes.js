// What the little screen shows: each scene names its soft keys and draws itself.

import { el, field } from "./drawing.js";

const LONGEST_INPUT = 160;

export function idle(phone) {
  const unread = phone.state?.unread ?? 0;
  return {
    key: `idle ${unread} ${phone.code}`,
    kind: "idle",
    left: unread ? ["Read", () => phone.openNewest()] : ["Messages", () => phone.go("inbox")],
    right: ["Write", () => phone.go("compose")],
    draw: () => [
      el("div", { className: "big-time" }),
      el("div", { className: "date" }),
      unread
        ? el("button", { className: "news", type: "button", onclick: () => phone.openNewest() },
            el("i", { className: "letter" }),
            `${unread} new message${unread === 1 ? "" : "s"}`)
        : null,
      el("button", {
        className: "hint", type: "button", dataset: { testid: "dial-hint" },
        onclick: () => phone.dial(phone.code),
      }, el("small", {}, "Dial"), phone.code),
    ],
  };
}

export function dialling(phone) {
  return {
    key: "dialling",
    kind: "dialling",
    left: ["Call", () => phone.call()],
    right: ["Clear", () => phone.erase()],
    focus: true,
    draw: () => [
      field({ className: "number-line", maxLength: 40, value: phone.draft }, phone),
    ],
  };
}

export function sending(words = "Sending") {
  return {
    key: `sending ${words}`,
    kind: "sending",
    left: ["", () => {}],
    right: ["", () => {}],
    draw: () => [
      el("div", { className: "spinner" }),
      el("p", {}, `${words}...`),
    ],
  };
}

export function dialog(phone) {
  const { screen, session_id: session } = phone.state.dialog;
  const asks = letters(screen);
  return {
    key: `dialog ${session} ${screen}`,
    kind: "dialog",
    left: ["Send", () => phone.send()],
    right: ["Cancel", () => phone.hangUp()],
    focus: true,
    letters: asks,
    guide: asks
      ? "Type with your keyboard, or press the letters."
      : "Type the answer, then press Send.",
    draw: () => [
      el("div", { className: "page" }, screen),
      field({ className: "answer", maxLength: LONGEST_INPUT, value: phone.draft,
              ariaLabel: "Answer" }, phone),
    ],
  };
}

export function lastPage(phone) {
  const { screen, session_id: session } = phone.state.dialog;
  return {
    key: `last ${session} ${screen}`,
    kind: "dialog over",
    left: ["OK", () => phone.hangUp()],
    right: ["", () => phone.hangUp()],
    draw: () => [el("div", { className: "page" }, screen)],
  };
}

export function prompt(phone) {
  const { business, amount, account, checkout_request_id: id } = phone.state.prompt;
  const question = `Do you want to pay KES ${amount.toLocaleString("en-KE")} to ${business}`
    + ` account ${account}?`;
  return {
    key: `prompt ${id}`,
    kind: "prompt",
    left: ["OK", () => phone.enterPin()],
    right: ["Cancel", () => phone.cancelPrompt()],
    focus: true,
    guide: "M-PESA asks for the PIN of this phone: 1234",
    draw: () => [
      el("div", { dataset: { testid: "prompt" }, className: "sheet" },
        el("h2", {}, "M-PESA"),
        el("p", {}, question),
        el("p", { className: "ask" }, "Enter M-PESA PIN"),
        field({ className: "answer pin", type: "password", maxLength: 4, value: phone.draft,
                ariaLabel: "M-PESA PIN", testid: "prompt-pin" }, phone),
        el("div", { className: "choices" },
          el("button", { type: "button", dataset: { testid: "prompt-ok" },
                         onclick: () => phone.enterPin() }, "OK"),
          el("button", { type: "button", dataset: { testid: "prompt-cancel" },
                         onclick: () => phone.cancelPrompt() }, "Cancel"))),
    ],
  };
}

export function inbox(phone) {
  const messages = [...(phone.state?.inbox ?? [])].reverse();
  const at = Math.min(phone.cursor, Math.max(messages.length - 1, 0));
  return {
    key: `inbox ${at} ${messages.map(({ id, read }) => `${id}${read}`)}`,
    kind: "inbox",
    left: messages.length ? ["Open", () => phone.open(messages[at].id)] : ["", () => {}],
    right: ["Back", () => phone.go("idle")],
    move: (step) => { phone.cursor = Math.max(0, Math.min(messages.length - 1, at + step)); },
    draw: () => [
      el("h2", {}, "Messages"),
      messages.length
        ? el("ul", { dataset: { testid: "inbox" } }, ...messages.map((message, row) =>
            el("li", { className: row === at ? "here" : "" },
              el("button", { type: "button", className: message.read ? "" : "unread",
                             onclick: () => phone.open(message.id) },
                el("b", {}, message.from), el("time", {}, clock(message.at)),
                el("span", {}, message.text)))))
        : el("p", { className: "empty", dataset: { testid: "inbox" } }, "No messages yet"),
    ],
  };
}

export function message(phone) {
  const shown = phone.state.inbox.find(({ id }) => id === phone.opened);
  return {
    key: `message ${phone.opened}`,
    kind: "message",
    left: ["Reply", () => phone.go("compose")],
    right: ["Back", () => phone.go("inbox")],
    draw: () => [
      el("h2", {}, shown.from, el("time", {}, clock(shown.at))),
      el("div", { className: "page", dataset: { testid: "message" } }, shown.text),
    ],
  };
}

export function compose(phone) {
  return {
    key: "compose",
    kind: "compose",
    left: ["Send", () => phone.write()],
    right: ["Back", () => phone.go("idle")],
    focus: true,
    letters: true,
    guide: "Try BAL, MARKETS or HELP.",
    draw: () => [
      el("h2", {}, `To ${phone.shortCode}`),
      field({ tag: "textarea", className: "answer", maxLength: LONGEST_INPUT,
              value: phone.draft, ariaLabel: "Message" }, phone),
    ],
  };
}

export function notice(phone) {
  return {
    key: `notice ${phone.words}`,
    kind: "dialog over",
    left: ["OK", () => phone.go("idle")],
    right: ["", () => phone.go("idle")],
    draw: () => [el("div", { className: "page" }, phone.words)],
  };
}

// A page without numbered choices that asks for a name wants letters.
function letters(page) {
  return /\b(name|jina)\b/i.test(page) && !/^\s*\d+\./m.test(page);
}

function clock(moment) {
  return new Date(moment).toLocaleTimeString("en-GB", {
    hour: "2-digit", minute: "2-digit", timeZone: "Africa/Nairobi",
  });
}

// What M-Pesa says to the one who entered a PIN, by the code of the result.
export function outcome(code) {
  return {
    0: "M-PESA: paid. A confirmation comes by SMS.",
    1: "M-PESA: not enough money in this wallet. No money was taken.",
    4: "M-PESA: more than a wallet may pay in a day. No money was taken.",
    2001: "M-PESA: wrong PIN. No money was taken.",
    8006: "M-PESA: your PIN is locked. No money was taken.",
  }[code] ?? "M-PESA: not paid.";
}
