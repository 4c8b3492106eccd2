// Says at the field, before anything is sent, what would be refused: S3 explains itself to nobody. What it says comes with
// the page, in the page's language. Without this script the page works as well: what S3 answers then shows in a frame.
"use strict";
(() => {
  // How a JPEG, a PNG, a WebP and a HEIC file begin; the last is told from a film by whoever takes it in.
  const BEGINNINGS = [/^\xff\xd8\xff/, /^\x89PNG\r\n\x1a\n/, /^RIFF[^]{4}WEBP/, /^[^]{4}ftyp/];

  const problem = async (file, form) => {
    const { bytesMax, secondsMax, tooBig, wrongKind, tooOld } = form.dataset;
    if (performance.now() > secondsMax * 1000) return tooOld;
    if (file.size > bytesMax) return tooBig;
    try {
      const begin = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
      return BEGINNINGS.some((known) => known.test(begin)) ? "" : wrongKind;
    } catch {
      return ""; // It can't be read here; it is looked at when it has arrived.
    }
  };

  for (const form of document.querySelectorAll("form[data-bytes-max]")) {
    const input = form.querySelector("input[type=file]");
    const button = form.querySelector("button");
    const label = button.textContent;
    form.removeAttribute("target");
    form.nextElementSibling.hidden = true;

    let wrong = form.querySelector(".wrong");
    if (!wrong) {
      wrong = document.createElement("p");
      Object.assign(wrong, { className: "wrong", id: `${input.id}-wrong`, hidden: true });
      wrong.setAttribute("role", "alert");
      input.before(wrong);
      input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby")} ${wrong.id}`);
    }

    let good = null; // The file that was looked at, and may be sent.
    const look = async () => {
      const file = input.files[0];
      const said = file ? await problem(file, form) : "";
      if (file !== input.files[0]) return;
      good = said ? null : file;
      wrong.textContent = said;
      wrong.hidden = !said;
      if (said) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    };
    input.addEventListener("change", look);

    form.addEventListener("submit", async (event) => {
      if (good && good === input.files[0]) {
        good = null; // When the same is sent once more, it is looked at once more.
        button.disabled = true;
        button.textContent = form.dataset.sending;
        return;
      }
      event.preventDefault();
      await look();
      if (good) form.requestSubmit();
      else input.focus();
    });
    // Who comes back to the page can send again.
    window.addEventListener("pageshow", () => {
      button.disabled = false;
      button.textContent = label;
    });
  }
})();
