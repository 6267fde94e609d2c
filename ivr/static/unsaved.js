// Asks before a page is left whose form says something that was not saved.
"use strict";

function differs(field) {
  if (field instanceof HTMLSelectElement) {
    const first = Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
    return field.selectedIndex !== first;
  }
  return field instanceof HTMLInputElement && field.type !== "hidden" && field.value !== field.defaultValue;
}

for (const form of document.querySelectorAll("form[data-kept]")) {
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  // Come back by the browser's own button, it is another visit.
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!sent && ("unsaved" in form.dataset || [...form.elements].some(differs))) event.preventDefault();
  });
}
