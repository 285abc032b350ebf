// The pages work without any of this; with it they refresh themselves and count while one types.

// A part named data-live is fetched again every data-every seconds, while somebody looks at it and
// until it holds something named data-over.
for (const part of document.querySelectorAll("[data-live]")) {
  const refresh = async () => {
    if (document.hidden || part.contains(document.activeElement)) return;
    try {
      const answer = await fetch(part.dataset.live, { redirect: "manual", credentials: "same-origin" });
      if (answer.ok) part.innerHTML = await answer.text();
      part.classList.toggle("stale", !answer.ok);
      const over = part.querySelector("[data-over]");
      if (over || answer.type === "opaqueredirect" || answer.status === 401) clearInterval(timer);
    } catch {
      part.classList.add("stale");
    }
  };
  const timer = setInterval(refresh, Number(part.dataset.every || 5) * 1000);
}

// One press, one act: a second press of a slow form does nothing.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) setTimeout(() => (button.disabled = true));
  });
}
// Coming back by the browser's own button finds the form as usable as before.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("button")) button.disabled = false;
});

// What was done is said once, not again after a reload.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}

// On a phone the menu is longer than the screen: the page one is on is in sight.
document.querySelector(".top [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// After a refusal, what it says is the first thing that is read.
document.querySelector("[role=alert]")?.scrollIntoView({ block: "center" });
