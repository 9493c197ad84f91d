"use strict";
(() => {
  const cases = [...document.querySelectorAll(".case")];
  const filters = [...document.querySelectorAll(".legend button[data-result]")];
  const changes = [...document.querySelectorAll(".legend button[data-change]")];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");

  // What unfolds is packed: zlib data in Base64. It is unpacked here, without any network, when it is opened or searched.
  const inflate = async (data) => {
    if (typeof DecompressionStream === "undefined") return "<p class='notice'>This browser cannot unpack it: use a newer one, or read record.json.</p>";
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  };
  const unpack = async (el) => {
    for (const place of el.querySelectorAll("[data-z]")) {
      const data = place.dataset.z;
      place.removeAttribute("data-z");
      place.innerHTML = await inflate(data);
    }
  };

  const texts = new Map();
  const textOf = async (el) => {
    if (!texts.has(el)) {
      const place = el.querySelector("[data-z]");
      const inside = place ? (await inflate(place.dataset.z)).replace(/<[^>]*>/g, " ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&#34;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, "&") : "";
      texts.set(el, `${el.textContent} ${inside}`.toLowerCase());
    }
    return texts.get(el);
  };
  const pressed = (buttons, key) => new Set(buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset[key]));
  let turn = 0;
  const apply = async () => {
    const mine = (turn += 1);
    const on = pressed(filters, "result"), moved = pressed(changes, "change");
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = [];
    for (const el of cases) {
      let fit = (!on.size || on.has(el.dataset.result)) && (!moved.size || moved.has(el.dataset.change));
      if (fit && words.length) { const text = await textOf(el); fit = words.every((w) => text.includes(w)); }
      if (mine !== turn) return;
      fits.push(fit);
    }
    let n = 0;
    cases.forEach((el, i) => { el.hidden = !fits[i]; n += fits[i]; });
    shown.textContent = n === cases.length ? `${n} cases` : `${n} of ${cases.length} cases`;
    document.documentElement.dataset.applied = String(mine);
  };
  for (const f of [...filters, ...changes]) {
    f.addEventListener("click", () => {
      f.setAttribute("aria-pressed", String(f.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });

  const go = (step, wanted) => {
    const list = cases.filter((el) => !el.hidden && (!wanted || el.hasAttribute("data-attention")));
    if (!list.length) return;
    const here = list.indexOf(document.activeElement && document.activeElement.closest(".case"));
    const next = list[here < 0 ? (step > 0 ? 0 : list.length - 1) : Math.min(list.length - 1, Math.max(0, here + step))];
    next.querySelector("summary").focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const keys = { j: () => go(1), k: () => go(-1), n: () => go(1, true), "/": () => search.focus() };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (document.activeElement === search) {
      if (e.key === "Escape") { search.value = ""; apply(); search.blur(); }
    } else if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
  });
  document.getElementById("fold").addEventListener("click", async () => {
    const open = cases.some((el) => !el.hidden && !el.open);
    for (const el of cases) if (!el.hidden) { if (open) await unpack(el); el.open = open; }
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
    if (!e.target.open || !e.target.querySelector) return;
    unpack(e.target);
    const pre = e.target.querySelector(":scope > pre:not([data-done])");
    if (!pre) return;
    pre.dataset.done = "1";
    if (/^\s*[[{]/.test(pre.textContent)) pre.textContent = indent(pre.textContent);
  }, true);

  // A line of the trace may stand in what is still packed: in the case that holds it, or in what belongs to no case.
  const holderOf = (line) => cases.find((el) => {
    const [first, last] = (el.dataset.lines || "").split(" ").map(Number);
    return first <= line && line <= last;
  });
  const reveal = async () => {
    const name = location.hash.slice(1);
    if (!name) return;
    const line = /^l(\d+)$/.exec(name);
    if (line && !document.getElementById(name)) {
      for (const el of [holderOf(Number(line[1])), document.getElementById("outside")]) if (el && !document.getElementById(name)) await unpack(el);
    }
    const target = document.getElementById(name);
    if (!target) return;
    for (let el = target; el; el = el.parentElement) {
      if (el.tagName === "DETAILS") { await unpack(el); el.open = true; }
      el.hidden = false;
    }
    target.scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (e) => {
    if (e.target.closest && e.target.closest('a[href^="#"]')) setTimeout(reveal, 0);
  });
  addEventListener("beforeprint", () => { for (const el of cases) if (!el.querySelector("[data-z]")) el.open = true; });
  apply();
  reveal();
})();
