// A file: a picture with all its faces, or a film with its player, its timeline and its table.
import {ask, colour, config, drawBox, drawSeen, emotions, fillBars, fillEvidence, get, kinds, make, makeBars, percent, settings} from "./draw.js";

const titles = {face: "Face", voice: "Voice", fused: "Both, fused"};
const [wide, high, gap, left] = [640, 92, 26, 34]; // of the timeline, in its own units
let shown = null; // the file and its answer
let asked = 0; // counts the questions: an answer that a later question has overtaken is not shown

export function showFiles() {
  get("known").textContent = `${config.known[0].toUpperCase()}${config.known.slice(1)}, up to ${config.largest / 1e6} MB. ` +
    `The first ${config.longest} seconds are analysed.`;
  get("file").addEventListener("change", () => { if (get("file").files[0]) handIn(get("file").files[0]); });
  get("examples").hidden = !config.examples.length;
  for (const [name, words] of config.examples) {
    get("examples").append(make("button", {onclick: async () => {
      const film = await (await fetch(`example/${name}`)).blob();
      handIn(new File([film], `${name}.mp4`, {type: "video/mp4"}));
    }}, words));
  }
}

async function handIn(file) {
  const mine = ++asked;
  shown = null;
  get("found").replaceChildren();
  if (file.size > config.largest) {
    return problem(`${file.name}: it has more than ${config.largest / 1e6} MB. Cut out a short piece.`);
  }
  const since = performance.now(), clock = setInterval(() => {
    get("working").textContent = `Analysing ${file.name}: ${((performance.now() - since) / 1000).toFixed(0)} s`;
  }, 1000);
  get("working").textContent = `Analysing ${file.name} …`;
  try {
    const changed = settings(), more = changed ? `&settings=${encodeURIComponent(JSON.stringify(changed))}` : "";
    const found = await ask(`file?name=${encodeURIComponent(file.name)}${more}`, file);
    if (mine !== asked) return;
    if (found.problem) problem(found.problem);
    else {
      shown = {file, found};
      if (changed && found.kind !== "image") await again(changed);
      else draw();
    }
  } catch (error) {
    if (mine === asked) problem(`${file.name}: the demo does not answer (${error.message}). Is it still running?`);
  } finally {
    clearInterval(clock);
    if (!shown || shown.file === file) get("working").textContent = "";
    get("file").value = "";
  }
}

function problem(text) {
  get("found").replaceChildren(make("p", {role: "alert", class: "problem"}, text));
}

// The visitor changed a switch: a picture is analysed again, a film's moments are judged again.
export async function again(changed) {
  if (!shown) return;
  if (shown.found.kind === "image") return handIn(shown.file);
  const mine = ++asked;
  const {time, box, face, voice} = shown.fitted ?? shown.found;
  shown.fitted ??= shown.found;
  const found = changed ? await ask("judge", JSON.stringify({time, box, face, voice, settings: changed})) : shown.fitted;
  if (mine !== asked) return;
  if (found.problem) return problem(found.problem);
  shown.found = {...shown.fitted, ...found};
  draw();
}

function draw() {
  const {found} = shown;
  const notes = found.notes.map(note => make("p", {class: "soft"}, note));
  const head = make("div", {class: "wide"}, make("h2", {}, found.name),
    make("p", {class: "verdict", role: "status"}, found.verdict), ...notes);
  const body = found.kind === "image" ? picture(found) : film(found);
  get("found").replaceChildren(make("div", {class: "found"}, head, ...body));
}

// --- a picture ---
function picture(found) {
  const canvas = make("canvas", {"aria-hidden": true}), [width, height] = found.size;
  const frame = make("div", {class: "picture", style: {aspectRatio: `${width} / ${height}`, width: "100%", maxWidth: `calc(${width / height} * var(--high))`}},
    make("img", {src: found.picture, alt: found.verdict}), canvas);
  Object.assign(canvas, {width, height});
  const pen = canvas.getContext("2d");
  found.faces.forEach((one, place) => {
    const [x, y] = drawBox(pen, one.box, found.size, false);
    const words = found.faces.length > 1 ? `${place + 1}: ${one.moment.words}` : one.moment.words;
    // The gap left of the label shrinks where the label would not fit into the picture.
    frame.append(make("div", {class: "tagged", "aria-hidden": true, style: {top: `${Math.max(0, 100 * y / height - 5)}%`}},
      make("span", {style: {flex: `0 1 ${100 * x / width}%`}}), make("p", {class: "tag"}, words)));
  });
  const cards = found.faces.map((one, place) => {
    const bars = makeBars(), evidence = make("div", {class: "evidence"});
    const seen = make("canvas", {width: 192, height: 192, role: "img", "aria-label": "What the network sees"});
    fillBars(bars, one.moment);
    fillEvidence(evidence, one.moment, {face: "no face", voice: "a picture has no sound"});
    drawSeen(seen, one.seen);
    return make("div", {class: "moment"}, make("p", {class: "answer", style: {borderColor: colour(one.moment.answer)}},
      found.faces.length > 1 ? `Face ${place + 1}: ${one.moment.words}` : one.moment.words), bars.element,
    get("look").checked ? make("figure", {}, seen, make("figcaption", {}, "What the network sees. Yellow: places that raise this emotion.")) : null);
  });
  return [frame, make("div", {class: "faces"}, ...cards)];
}

// --- a film or a recording ---
function film(found) {
  const video = found.kind === "video" && found.size, address = URL.createObjectURL(shown.file);
  const player = make(video ? "video" : "audio", {controls: true, src: address, playsinline: true,
    "aria-label": found.name});
  const canvas = make("canvas", {"aria-hidden": true});
  const screen = video ? make("div", {class: "picture", style: {aspectRatio: `${found.size[0]} / ${found.size[1]}`,
    width: "100%"}}, player, canvas) : player;
  const unplayed = make("p", {class: "soft", hidden: true}, "Your browser cannot play this file. The analysis below is complete.");
  player.addEventListener("error", () => { screen.hidden = true; unplayed.hidden = false; });
  const bars = makeBars(), evidence = make("div", {class: "evidence"}), answer = make("p", {class: "answer"});
  const now = make("div", {class: "moment"}, make("p", {class: "soft"}, "At the cursor"), answer, evidence, bars.element);
  const lines = timeline(found, seconds => { player.currentTime = seconds; move(seconds); });
  const move = seconds => {
    const place = Math.min(found.time.length - 1, Math.max(0, nearest(found.time, seconds)));
    const spell = found.spells.find(one => seconds < one.end) ?? found.spells.at(-1);
    const moment = Object.fromEntries(kinds.map(kind => [kind, found[kind][place]]));
    fillBars(bars, {...moment, threshold: settings()?.threshold ?? config.threshold});
    answer.textContent = spell.words;
    answer.style.borderColor = colour(spell.answer);
    evidence.hidden = true;
    lines.move(found.time[place]);
    if (video) overlay(canvas, found, place);
  };
  const follow = () => { move(player.currentTime); if (!player.paused) requestAnimationFrame(follow); };
  for (const name of ["play", "seeked", "timeupdate", "loadeddata"]) player.addEventListener(name, follow);
  move(0);
  return [make("div", {}, screen, unplayed, now), make("div", {}, lines.element, legend(), table(found), save(found))];
}

const nearest = (times, seconds) => times.length < 2 ? 0 : Math.round(seconds / (times[1] - times[0]));

function overlay(canvas, found, place) {
  if (canvas.width !== found.size[0]) [canvas.width, canvas.height] = found.size;
  canvas.style.pointerEvents = "none";
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (found.box[place]) drawBox(pen, found.box[place], found.size, false);
}

// Probabilities over time: a panel for face, voice and both, if there is anything in it.
function timeline(found, jump) {
  const panels = kinds.filter(kind => found[kind].some(row => row !== null));
  const both = panels.includes("face") && panels.includes("voice");
  const drawn = both ? panels : panels.filter(kind => kind !== "fused");
  const end = Math.max(found.spells.at(-1).end, 0.1), x = seconds => left + (wide - left) * seconds / end;
  const height = Math.max(1, drawn.length) * (high + gap) + 18;
  const cursor = make("line", {class: "cursor", y1: 0, y2: height - 18, x1: left, x2: left});
  const parts = drawn.flatMap((kind, row) => panel(found, kind, row * (high + gap) + gap, x));
  const band = found.spells.map(one => make("rect", {x: x(one.start), width: Math.max(0, x(one.end) - x(one.start) - 1), y: 2,
    height: 7, rx: 2, style: {fill: colour(one.answer)}}, make("title", {}, `${one.words}, ${one.start.toFixed(1)} to ${one.end.toFixed(1)} s`)));
  const seconds = [0, end / 2, end].map((time, place) => make("text", {x: x(time), y: height - 3,
    "text-anchor": ["start", "middle", "end"][place]}, `${time.toFixed(1)} s`));
  const element = make("svg", {class: "timeline", viewBox: `0 0 ${wide} ${height}`, role: "img",
    "aria-label": described(found, drawn)}, ...band, ...parts, ...seconds, cursor);
  element.addEventListener("click", event => {
    const place = element.getBoundingClientRect();
    const at = (event.clientX - place.left) / place.width * wide;
    jump(Math.max(0, Math.min(end, (at - left) / (wide - left) * end)));
  });
  return {element, move: time => { cursor.setAttribute("x1", x(time)); cursor.setAttribute("x2", x(time)); }};
}

function panel(found, kind, top, x) {
  const y = part => top + high * (1 - part), threshold = settings()?.threshold ?? config.threshold;
  const curves = emotions.map((emotion, place) => {
    let pen = "M";
    const path = found[kind].map((row, at) => {
      if (!row) { pen = "M"; return ""; }
      const step = `${pen}${x(found.time[at]).toFixed(1)} ${y(row[place]).toFixed(1)}`;
      pen = "L";
      return step;
    }).join("");
    return make("path", {d: path, style: {stroke: colour(emotion)}}, make("title", {}, emotion));
  });
  return [make("rect", {class: "ground", x: left, y: top, width: wide - left, height: high}),
    make("text", {x: left, y: top - 5}, titles[kind]), make("text", {x: left - 4, y: top + 9, "text-anchor": "end"}, "1"),
    make("text", {x: left - 4, y: top + high, "text-anchor": "end"}, "0"),
    make("line", {class: "line", x1: left, x2: wide, y1: y(threshold), y2: y(threshold)}), ...curves];
}

function described(found, drawn) {
  const mean = kind => {
    const rows = found[kind].filter(Boolean);
    const means = emotions.map((emotion, place) => [rows.reduce((sum, row) => sum + row[place], 0) / rows.length, emotion]);
    means.sort((one, other) => other[0] - one[0]);
    return `${kind}: on average ${means.slice(0, 3).map(([part, emotion]) => `${emotion} ${percent(part)}`).join(", ")}`;
  };
  return `Probabilities over time. ${drawn.map(mean).join("; ")}.`;
}

const legend = () => make("ul", {class: "legend"}, ...emotions.map(emotion =>
  make("li", {}, make("i", {style: {background: colour(emotion)}}), emotion)));

function table(found) {
  const rows = found.spells.map(one => make("tr", {}, make("td", {}, `${one.start.toFixed(1)} to ${one.end.toFixed(1)} s`),
    make("td", {}, make("i", {class: "chip", style: {background: colour(one.answer)}}), one.words),
    make("td", {}, one.probability === null ? "" : percent(one.probability))));
  return make("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "All answers"}, make("table", {},
    make("thead", {}, make("tr", {}, ...["When", "Answer", "Mean probability"].map(word => make("th", {scope: "col"}, word)))),
    make("tbody", {}, ...rows)));
}

function save(found) {
  const address = URL.createObjectURL(new Blob([found.csv], {type: "text/csv"}));
  const name = `${found.name.replace(/\.[^.]*$/, "")}.csv`;
  return make("p", {}, make("a", {href: address, download: name}, `Save the table of all ${found.time.length} moments (${name})`));
}
