// What is wrong with a page as it stands, beyond what axe looks at; a list of sentences.
() => {
  const wrong = [];
  const shown = (part) => part.checkVisibility() && part.getClientRects().length > 0;
  const named = (part) => part.outerHTML.slice(0, 90);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  if (!/^\S.* · Kibeezy staff$/.test(document.title)) wrong.push(`its title is ${document.title}`);
  const ids = [...document.querySelectorAll("[id]")].map((part) => part.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) wrong.push(`an id stands there twice: ${twice}`);
  const reached = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const stops = [...document.querySelectorAll(reached)].filter((part) => part.tabIndex >= 0);
  if (!stops[0]?.matches("a.skip[href='#main']")) wrong.push("the keyboard does not begin at the skip link");
  for (const part of stops) {
    if (part.tabIndex > 0) wrong.push(`jumps the queue of the keyboard: ${named(part)}`);
    if (!shown(part) || part.disabled) continue;
    part.focus({ focusVisible: true, preventScroll: true });
    const style = getComputedStyle(part);
    if (document.activeElement !== part) wrong.push(`takes no focus: ${named(part)}`);
    else if (style.outlineStyle === "none" || style.outlineWidth === "0px") wrong.push(`shows no focus: ${named(part)}`);
  }
  document.activeElement?.blur();
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    const wide = [...document.querySelectorAll("main *, header *")].filter(
      (part) => part.getBoundingClientRect().right > page.clientWidth + 1 && !part.closest(".scroll, .top nav, pre"),
    );
    wrong.push(`scrolls sideways by ${page.scrollWidth - page.clientWidth}: ${wide.slice(0, 3).map(named).join(" ; ")}`);
  }
  for (const table of document.querySelectorAll("table")) if (!table.caption) wrong.push("a table without a caption");
  return wrong;
}
