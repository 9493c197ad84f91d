"use strict";
(() => {
  const cases = [...document.querySelectorAll(".case")];
  const filters = [...document.querySelectorAll(".legend button")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const texts = new Map();
  const textOf = (el) => {
    if (!texts.has(el)) texts.set(el, el.textContent.toLowerCase());
    return texts.get(el);
  };
  const apply = () => {
    const on = new Set(filters.filter((f) => f.getAttribute("aria-pressed") === "true").map((f) => f.dataset.result));
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const el of cases) {
      const fits = (!on.size || on.has(el.dataset.result)) && (!words.length || words.every((w) => textOf(el).includes(w)));
      el.hidden = !fits;
      n += fits;
    }
    shown.textContent = n === cases.length ? `${n} cases` : `${n} of ${cases.length} cases`;
  };
  for (const f of filters) {
    f.addEventListener("click", () => {
      f.setAttribute("aria-pressed", String(f.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && document.activeElement !== search) { e.preventDefault(); search.focus(); }
    if (e.key === "Escape" && document.activeElement === search) { search.value = ""; apply(); search.blur(); }
  });
  document.getElementById("fold").addEventListener("click", () => {
    const open = cases.some((el) => !el.hidden && !el.open);
    for (const el of cases) if (!el.hidden) el.open = open;
  });

  // Indents JSON without changing a token of it: what a parser would drop or round stays as it crossed the wire.
  const indent = (text) => {
    let out = "", depth = 0, quoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const c = text[i];
      if (quoted) {
        out += c;
        if (c === "\\") { i += 1; out += text[i] ?? ""; } else if (c === '"') quoted = false;
      } else if (c === '"') { quoted = true; out += c;
      } else if (c === "{" || c === "[") {
        const rest = /^\s*[}\]]/.exec(text.slice(i + 1, i + 40));
        if (rest) { out += c + rest[0].trim(); i += rest[0].length; } else { depth += 1; out += c + "\n" + "  ".repeat(depth); }
      } else if (c === "}" || c === "]") { depth = Math.max(0, depth - 1); out += "\n" + "  ".repeat(depth) + c;
      } else if (c === ",") out += ",\n" + "  ".repeat(depth);
      else if (c === ":") out += ": ";
      else if (!/\s/.test(c)) out += c;
    }
    return out;
  };
  document.addEventListener("toggle", (e) => {
    const pre = e.target.open && e.target.querySelector ? e.target.querySelector(":scope > pre:not([data-done])") : null;
    if (!pre) return;
    pre.dataset.done = "1";
    if (/^\s*[[{]/.test(pre.textContent)) pre.textContent = indent(pre.textContent);
  }, true);

  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let el = target; el; el = el.parentElement) {
      if (el.tagName === "DETAILS") el.open = true;
      el.hidden = false;
    }
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (e) => {
    if (e.target.closest && e.target.closest('a[href^="#"]')) setTimeout(reveal, 0);
  });
  addEventListener("beforeprint", () => { for (const el of cases) el.open = true; });
  apply();
  reveal();
})();
