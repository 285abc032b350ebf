// Counts septets as a phone does while one types, and draws the phones anew. The server counts again.

const ALPHABET =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
  "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
// Each of these takes two septets.
const EXTENSION = "\f^{}\\[~]|€";
// What keyboards put in by themselves, and what means the same on a phone.
const PLAIN = new Map([
  ..."‘’‚‛′‵ʹʻʼˈ´`".split("").map((mark) => [mark, "'"]),
  ..."“”„‟″‶«»".split("").map((mark) => [mark, '"']),
  ..."‐‑‒–—―−".split("").map((mark) => [mark, "-"]),
  ["…", "..."],
  ["•", "-"],
  ..."\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff".split("").map((mark) => [mark, ""]),
]);
const SPACE = /^[\t-\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/u;

// Accents: of a letter they leave what is below them.
const ACCENTS = /[\u0300-\u034e\u0350-\u036f\u0483-\u0487\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0]/gu;
const SENDABLE = new Set(ALPHABET + EXTENSION);

const plain = (text) => [...text].map((mark) => PLAIN.get(mark) ?? mark).join("");
const canSend = (text) => [...text].every((mark) => SENDABLE.has(mark));

// What stands for one character on a phone, or null where nothing does.
function sent(mark) {
  if (SPACE.test(mark)) return " ";
  if (canSend(mark)) return mark;
  const folded = plain(plain(mark).normalize("NFKD").replace(ACCENTS, ""));
  return canSend(folded) ? folded : null;
}

function count(text) {
  const marks = [...text.normalize("NFC")].map((mark) => [mark, sent(mark)]);
  const unsendable = [...new Set(marks.filter(([, shown]) => shown === null).map(([mark]) => mark))];
  const shown = marks.map(([, it]) => it ?? "?").join("").split(" ").filter(Boolean).join(" ");
  const septets = [...shown].reduce((sum, mark) => sum + (EXTENSION.includes(mark) ? 2 : 1), 0);
  return { septets, unsendable };
}

function tell(field) {
  const most = Number(field.dataset.most);
  const { septets, unsendable } = count(field.value);
  const left = most - septets;
  let words = `${septets} of ${most} septets, ${left < 0 ? `${-left} too many` : `${left} left`}`;
  if (unsendable.length) words += `. No phone can show ${unsendable.join(" ")}`;
  const output = document.getElementById(`${field.id}-count`);
  output.textContent = words;
  output.classList.toggle("over", left < 0 || unsendable.length > 0);
  field.setAttribute("aria-invalid", String(left < 0 || unsendable.length > 0));
}

const form = document.getElementById("editor");
const shown = document.getElementById("preview");
let asked = 0;

async function refresh() {
  const turn = ++asked;
  const fields = new FormData(form);
  for (const name of ["csrf", "revision"]) fields.delete(name);
  try {
    const answer = await fetch(`${form.dataset.preview}?${new URLSearchParams(fields)}`, { redirect: "manual" });
    if (turn !== asked) return;
    if (answer.ok) {
      const open = [...shown.querySelectorAll("details")].map((part) => part.open);
      shown.innerHTML = await answer.text();
      shown.querySelectorAll("details").forEach((part, i) => (part.open = open[i] ?? false));
    }
    shown.classList.toggle("stale", !answer.ok);
  } catch {
    shown.classList.add("stale");
  }
}

let pause;
form?.addEventListener("input", (event) => {
  if (event.target.dataset.most) tell(event.target);
  clearTimeout(pause);
  pause = setTimeout(refresh, 300);
});
form?.querySelectorAll("[data-most]").forEach(tell);
