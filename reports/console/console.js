"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (name, options = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (key === "text") made.textContent = value; else if (key === "class") made.className = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  const SVG = "http://www.w3.org/2000/svg";
  const draw = (name, options) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(options)) made.setAttribute(key, value);
    return made;
  };
  const MOST_ROWS = 200, MOST_POINTS = 240;
  const state = { role: "", prompt: null, promptEnds: 0, asked: 0, sent: false, end: null, progress: null, progressAt: 0, curves: [], points: [] };
  const now = () => performance.now() / 1000;

  // The link that opened this page is spent, or is for watchers only: it need not stay in the address bar.
  history.replaceState(null, "", "/");

  // -- what is said

  const span = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
    return `${Math.floor(whole / 3600)} h ${String(Math.round((whole % 3600) / 60)).padStart(2, "0")} min`;
  };
  const figure = (value) => Math.abs(value) >= 1000 ? value.toFixed(0) : Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(2);
  const notice = (text) => { $("notice").hidden = !text; $("notice").textContent = text; };

  // -- sound: a browser lets a page be heard only after somebody has touched it

  let audio = null, sound = localStorage.getItem("plugproof-sound") !== "off", keys = localStorage.getItem("plugproof-keys") !== "off";
  const unlock = () => { if (!audio && sound) audio = new AudioContext(); };
  const beep = (...tones) => {
    if (!audio || !sound) return;
    tones.forEach((hertz, index) => {
      const tone = audio.createOscillator(), gain = audio.createGain(), at = audio.currentTime + index * 0.22;
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.21);
    });
  };
  const showSwitches = () => {
    $("sound").setAttribute("aria-pressed", String(sound));
    $("sound").textContent = sound ? (audio ? "Sound on" : "Sound on (after a click)") : "Sound off";
    $("keys").setAttribute("aria-pressed", String(keys));
    $("keys").textContent = keys ? "Keys on" : "Keys off";
    document.body.dataset.keys = keys ? "on" : "off";
  };
  $("sound").addEventListener("click", () => {
    sound = !sound || !audio;
    localStorage.setItem("plugproof-sound", sound ? "on" : "off");
    unlock();
    beep(660);
    showSwitches();
  });
  $("keys").addEventListener("click", () => { keys = !keys; localStorage.setItem("plugproof-keys", keys ? "on" : "off"); showSwitches(); });
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { if (!audio && sound) { unlock(); showSwitches(); } }, { capture: true });

  // -- the prompt

  const answer = (word) => {
    if (!state.prompt || state.sent || state.role !== "operator") return;
    state.sent = true;
    socket.send(JSON.stringify({ prompt: state.prompt.number, answer: word }));
    for (const button of document.querySelectorAll("#choices button, #sure button")) button.disabled = true;
    $("prompt-note").textContent = "Sent …";
  };
  const choose = (word) => {
    if (word !== "abort") return answer(word);
    $("choices").hidden = true;
    $("sure").hidden = false;
    $("sure-no").focus();
  };
  const unsure = () => { $("sure").hidden = true; $("choices").hidden = false; };
  $("sure-yes").addEventListener("click", () => answer("abort"));
  $("sure-no").addEventListener("click", () => { unsure(); $("choices").querySelector("button")?.focus(); });

  const showPrompt = (told) => {
    const open = told.open, last = told.last.text;
    $("last").hidden = !last || !!open;
    $("last").textContent = last ? `Last prompt: ${last}` : "";
    $("prompt").hidden = !open;
    if (!open) {
      state.prompt = null;
      return;
    }
    state.promptEnds = now() + open.left_s;
    const isNew = !state.prompt || state.prompt.number !== open.number;
    state.prompt = open;
    const operator = state.role === "operator";
    if (isNew) {
      state.sent = false;
      unsure();
      if (operator) beep(880, 660, 880);
    }
    $("prompt").dataset.new = isNew ? "yes" : "no";
    const drawn = document.getElementById(`draw-${open.about}`);
    $("drawing").setAttribute("href", drawn ? `#draw-${open.about}` : "");
    $("prompt").classList.toggle("plain", !drawn);
    $("prompt-kicker").textContent = `To be done by hand: ${open.instrument}${told.behind ? ` (${told.behind} more behind this)` : ""}`;
    $("prompt-head").textContent = open.lines[0] || "";
    $("prompt-look").textContent = open.lines.slice(1).join(" ");
    $("prompt-note").textContent = operator ? "" : "Only the operator answers: at the console, or at the terminal of the run.";
    const buttons = open.choices.map((choice, index) => {
      const kind = choice.word === "abort" ? "abort" : index === 0 ? "main" : "";
      const words = choice.means.charAt(0).toUpperCase() + choice.means.slice(1);
      const button = make("button", { type: "button", class: kind, text: words, "data-word": choice.word });
      if (choice.key.length === 1) button.append(make("kbd", { text: choice.key, "aria-hidden": "true" }));
      button.addEventListener("click", () => choose(choice.word));
      return button;
    });
    $("choices").replaceChildren(...(operator ? buttons : []));
  };

  addEventListener("keydown", (event) => {
    if (!keys || event.ctrlKey || event.altKey || event.metaKey || event.repeat || !state.prompt || state.role !== "operator") return;
    if (event.key === "Escape" && !$("sure").hidden) return unsure();
    if (!$("sure").hidden) return;
    const choice = state.prompt.choices.find((each) => each.key === event.key.toLowerCase());
    if (choice) { event.preventDefault(); choose(choice.word); }
  });

  // -- what runs

  const showCase = (told) => {
    $("case-state").textContent = { preparing: "Preparing", ended: "Ended" }[told.state] || (told.state ? told.state[0].toUpperCase() + told.state.slice(1) : "Waiting for the first case");
    $("case-number").textContent = told.number ? `· case ${told.number} of ${told.total}` : "";
    $("case-title").textContent = told.title || "";
    $("case-id").textContent = [told.id, told.place].filter(Boolean).join(" · ");
    $("step").hidden = !told.step;
    $("step").textContent = told.step ? `Step ${told.index}${told.kind === "test" ? "" : ` (${told.kind})`}: ${told.step}` : "";
  };
  const showProgress = (told) => {
    state.progress = told;
    state.progressAt = now();
    $("bar").setAttribute("aria-valuemax", told.total);
    $("bar").setAttribute("aria-valuenow", told.done);
    $("bar").firstElementChild.style.width = told.total ? `${(100 * told.done) / told.total}%` : "0";
    $("results").textContent = Object.entries(told.results).map(([word, count]) => `${count} ${word}`).join(", ");
  };
  const tell = () => {
    const told = state.progress;
    if (told && told.total && !state.end) {
      const gone = now() - state.progressAt;
      const left = told.left_s === null ? "" : `, about ${span(told.left_s - gone)} left`;
      $("times").textContent = `${told.done} of ${told.total} done, ${span(told.elapsed_s + gone)} so far${left}.`;
    }
    const open = state.prompt;
    if (open) {
      const left = Math.max(0, state.promptEnds - now());
      $("prompt-left").textContent = `${span(left)} left`;
      $("prompt-drain").style.transform = `scaleX(${Math.min(1, left / open.timeout_s)})`;
      if (state.role === "operator" && Math.round(left) === 10 && state.asked !== open.number) { state.asked = open.number; beep(660, 660); }
    }
    document.title = open ? `● ${state.role === "operator" ? "Your turn" : "Prompt"} · Plugproof` : state.end ? "Run over · Plugproof" : "Plugproof";
  };
  setInterval(tell, 500);

  const showPeople = (told) => {
    const watchers = told.watchers ? `, ${told.watchers} watching` : "";
    const who = state.role === "operator" ? "You are the operator" : `You look on; operator: ${told.operator}`;
    $("people").textContent = who + watchers;
  };
  const showEnd = (told) => {
    state.end = told;
    $("ending").hidden = !told;
    if (!told) return;
    $("ending").className = `card ending ${told.outcome === "green" ? "green" : "red"}`;
    $("ending-head").textContent = { green: "The run is over: green", red: "The run is over: red" }[told.outcome] || "The run did not start";
    $("ending-lines").replaceChildren(...told.summary.map((line) => make("li", { text: line })));
    $("case-state").textContent = "Nothing runs";
    $("step").hidden = true;
    $("times").textContent = "";
  };

  // -- messages

  const SIGNS = { in: "→", out: "←", bench: "⚙", link: "⇄", person: "☺", judge: "!", gap: "…", bad: "✗" };
  const WAYS = { in: "from the station", out: "to the station", bench: "bench", link: "connection", person: "operator", judge: "judged", gap: "", bad: "unreadable, from the station" };
  const rowOf = (told) => make("li", { class: `${told.lane} ${told.tone}` },
    make("time", { text: told.at }), make("i", { text: SIGNS[told.lane] || "·", title: WAYS[told.lane] || "", role: "img", "aria-label": WAYS[told.lane] || "note" }),
    make("span", {}, make("b", { text: told.head }), ...(told.brief ? [make("code", { text: told.brief })] : [])));
  const addRows = (rows) => {
    const list = $("rows"), kept = list.scrollTop;
    list.prepend(...rows.map(rowOf).reverse());
    while (list.children.length > MOST_ROWS) list.lastElementChild.remove();
    if (kept) list.scrollTop = kept;
  };

  // -- readings

  const addReadings = (told) => {
    for (const curve of told.curves) state.curves[curve.index] = curve;
    for (const [index, t, value] of told.points) {
      const points = (state.points[index] ||= []);
      points.push([t, value]);
      if (points.length > MOST_POINTS) points.shift();
    }
    plot();
  };
  const WIDTH = 600, HEIGHT = 92;
  const plot = () => {
    const panels = new Map();
    for (const curve of state.curves) if (curve) panels.set(curve.panel, [...(panels.get(curve.panel) || []), curve]);
    const all = state.points.flatMap((points) => points.length ? [points[0][0], points[points.length - 1][0]] : []);
    const from = Math.min(...all), to = Math.max(...all);
    $("readings-none").hidden = panels.size > 0;
    const order = ["current", "power", "voltage", "pilot_duty", "pilot_level"].filter((name) => panels.has(name));
    $("panels").replaceChildren(...order.map((name) => panel(panels.get(name), from, to)));
  };
  const panel = (curves, from, to) => {
    const values = curves.flatMap((curve) => (state.points[curve.index] || []).map((point) => point[1]));
    let low = Math.min(0, ...values), high = Math.max(...values, low + 1e-9);
    if (curves[0].panel === "voltage" && Math.min(...values) > 50) low = Math.min(...values) - 2;
    const pad = Math.max((high - low) * 0.08, 0.02);
    high += pad;
    if (low < 0) low -= pad;
    const x = (t) => to > from ? (WIDTH * (t - from)) / (to - from) : WIDTH;
    const y = (value) => HEIGHT - (HEIGHT * (value - low)) / (high - low);
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    for (const share of [0.25, 0.5, 0.75]) svg.append(draw("line", { class: "grid", x1: 0, x2: WIDTH, y1: HEIGHT * share, y2: HEIGHT * share }));
    const sources = [...new Set(curves.map((curve) => `${curve.source} ${curve.evse}`))];
    const labels = [...new Set(curves.map((curve) => curve.label))];
    const style = (curve) => `c${labels.indexOf(curve.label) % 6} k${sources.indexOf(`${curve.source} ${curve.evse}`) % 4}`;
    const legend = make("ul", { class: "legend" });
    for (const curve of curves) {
      const points = state.points[curve.index] || [];
      svg.append(draw("polyline", { class: style(curve), points: points.map(([t, value]) => `${x(t).toFixed(1)},${y(value).toFixed(1)}`).join(" ") }));
      const key = draw("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" });
      key.append(draw("polyline", { class: style(curve), points: "0,4 22,4" }));
      const last = points[points.length - 1];
      legend.append(make("li", {}, key, `${curve.source} ${curve.label} ${last ? figure(last[1]) : "–"} ${curve.unit}`));
    }
    return make("div", { class: "panel" },
      make("h3", { text: curves[0].title }, make("span", { text: `${figure(low)} to ${figure(high)} ${curves[0].unit}` })), svg,
      make("div", { class: "axis" }, make("span", { text: to > from ? `${span(to - from)} ago` : "" }), make("span", { text: "now" })), legend);
  };

  // -- the connection

  let socket = null, wait = 500, opened = false;
  const link = (kind, text) => { $("link").dataset.state = kind; $("link").textContent = text; };
  const take = (told) => {
    if (told.refused) {
      state.sent = false;
      $("prompt-note").textContent = told.refused;
      for (const button of document.querySelectorAll("#choices button, #sure button")) button.disabled = false;
      return;
    }
    if (told.whole) {
      const demoted = state.role === "operator" && told.you.role !== "operator";
      state.role = told.you.role;
      notice(demoted ? "Another browser has taken over; you look on." : told.you.dropped ? `This browser was too slow, and ${told.you.dropped} updates were left out. What is shown now is whole.` : "");
      $("rows").replaceChildren();
      state.curves = [];
      state.points = [];
    }
    if (told.people) showPeople(told.people);
    if (told.case) showCase(told.case);
    if (told.progress) showProgress(told.progress);
    if (told.rows) addRows(told.rows);
    if (told.readings) addReadings(told.readings);
    if (told.prompt) showPrompt(told.prompt);
    if ("end" in told) showEnd(told.end);
    tell();
    document.documentElement.dataset.taken = String(Number(document.documentElement.dataset.taken || 0) + 1);
  };
  const open = () => {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.addEventListener("open", () => { opened = true; wait = 500; link("good", "live"); });
    socket.addEventListener("message", (event) => take(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (state.end) {
        link("wait", "over");
        $("prompt").hidden = true;
        state.prompt = null;
        return;
      }
      link("bad", "connection lost");
      if (state.prompt) { $("prompt-note").textContent = "The connection is lost: answer at the terminal of the run."; for (const button of $("choices").children) button.disabled = true; }
      if (wait < 60000) setTimeout(open, wait);
      else notice("The run does not answer any more. Reload the page to try again.");
      wait = Math.min(60000, wait * 2);
    });
  };
  showSwitches();
  open();
})();
