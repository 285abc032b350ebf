// The button that pays waits for the words; without this the server asks for them all the same.
for (const field of document.querySelectorAll("[data-confirm]")) {
  const button = field.form.querySelector(".buttons button");
  const look = () => {
    button.disabled = field.value.trim().replace(/\s+/g, " ").toUpperCase() !== field.dataset.confirm;
  };
  field.addEventListener("input", look);
  look();
}
