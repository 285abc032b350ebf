// The SMS that has just come, held above the phone so that a code in it can be typed at once.

import { el } from "./drawing.js";

const SHOWN_MILLISECONDS = 45_000;

export class Toast {
  constructor(root) {
    this.root = root;
    this.seen = null;
  }

  // Shows the newest message of an inbox if it is news; what was there at first is none.
  sees(inbox) {
    const newest = inbox.at(-1);
    const before = this.seen;
    this.seen = newest?.id ?? 0;
    if (before === null || !newest || newest.id <= before) return false;
    this.show(newest);
    return true;
  }

  show(message) {
    this.root.querySelector(".toast-from").textContent = `SMS from ${message.from}`;
    this.root.querySelector(".toast-text").replaceChildren(...emphasiseCodes(message.text));
    this.root.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), SHOWN_MILLISECONDS);
  }

  hide() {
    this.root.hidden = true;
  }
}

function emphasiseCodes(text) {
  return text.split(/\b(\d{6})\b/).map((part, index) => (index % 2 ? el("b", {}, part) : part));
}
