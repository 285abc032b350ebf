// The drawn keys of a phone.

import { el } from "./drawing.js";

const DIGITS = [
  ["1", ""], ["2", "abc"], ["3", "def"],
  ["4", "ghi"], ["5", "jkl"], ["6", "mno"],
  ["7", "pqrs"], ["8", "tuv"], ["9", "wxyz"],
  ["*", ""], ["0", "+"], ["#", ""],
];
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ", "'", "-"];

export function drawKeys(phone) {
  phone.find(".keypad").append(...DIGITS.map(([digit, small]) =>
    el("button", { type: "button", dataset: { key: digit, testid: `key-${digit}` },
                   ariaLabel: spoken(digit) },
      el("b", {}, digit), el("small", {}, small))));
  phone.find(".letters").append(
    ...LETTERS.map((letter) => el("button", {
      type: "button", dataset: { key: letter, testid: `letter-${letter}` },
    }, letter)),
    el("button", { type: "button", className: "space", ariaLabel: "Space",
                   dataset: { key: " ", testid: "letter-space" } }, "space"));
  phone.root.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key !== undefined) phone.press(key);
  });
  phone.find(".softlabel.left").addEventListener("click", () => phone.press("left"));
  phone.find(".softlabel.right").addEventListener("click", () => phone.press("right"));
  phone.find(".toast-close").addEventListener("click", () => phone.toast.hide());
  // A key pressed with the mouse must not take the focus from the field on the screen.
  phone.root.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault();
  });
}

function spoken(digit) {
  return { "*": "Star", "#": "Hash" }[digit] ?? digit;
}
