// Elements and text fields, made without any HTML in strings.

export function el(tag, { dataset = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children.filter((child) => child !== null));
  return element;
}

// A field keeps its text in the phone's draft. `inputMode` none: the phone has its own keys, and
// a touch screen's keyboard would hide them.
export function field({ tag = "input", testid = "input", ...properties }, phone) {
  const input = el(tag, {
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    inputMode: "none",
    dataset: { testid },
    ...properties,
  });
  input.addEventListener("input", () => { phone.draft = input.value; });
  return input;
}

// Unchanged text is left alone, so that nothing flickers.
export function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
