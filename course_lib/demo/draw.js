// What the live page and the page of a file share: the settings, small elements, the bars of a moment, boxes.
export const config = JSON.parse(document.querySelector("meta[name=config]").content);
export const emotions = config.emotions;
export const kinds = ["face", "voice", "fused"];
const missed = {face: "no face", voice: "no sound", fused: "nothing to fuse"};

export const get = id => document.getElementById(id);
export const percent = part => `${Math.round(100 * part)} %`;
export const colour = emotion => emotions.includes(emotion) ? `var(--${emotion})` : "var(--soft)";

// An element with attributes and children; text is never read as HTML.
export function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path", "rect", "line", "text", "title", "g"].includes(tag);
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") Object.assign(element.style, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null));
  return element;
}

// The bars of one moment: seven rows; in each the answer's bar, and below it face and voice as thin bars.
export function makeBars() {
  const rows = emotions.map(emotion => {
    const tracks = kinds.slice().reverse().map(kind => {
      const fill = make("i", {style: {background: kind === "fused" ? colour(emotion) : "var(--soft)"}});
      const track = make("div", {class: kind === "fused" ? "track" : "track thin", role: "meter", "aria-valuemin": 0,
        "aria-valuemax": 1, "aria-valuenow": 0, "aria-label": `${kind}: ${emotion}`}, fill);
      return {kind, fill, track};
    });
    const order = [tracks[0], tracks[2], tracks[1]]; // both, face, voice
    const tick = make("span", {class: "tick"}), value = make("span", {class: "percent"});
    const row = make("div", {class: "row"}, make("span", {class: "name"}, emotion),
      make("div", {class: "tracks"}, ...order.map(one => one.track), tick), value);
    return {emotion, row, tracks, tick, value};
  });
  const key = make("p", {class: "key"}, "Thick: the answer’s probability, with the threshold. Thin: face, then voice.");
  return {element: make("div", {class: "bars"}, ...rows.map(one => one.row), key), rows};
}

export function fillBars(bars, moment) {
  const first = moment.fused ? moment.fused.indexOf(Math.max(...moment.fused)) : -1;
  bars.rows.forEach((one, place) => {
    one.row.classList.toggle("first", place === first);
    one.value.textContent = moment.fused ? percent(moment.fused[place]) : "–";
    one.tick.hidden = moment.threshold === null;
    if (moment.threshold !== null) one.tick.style.left = `${100 * moment.threshold}%`;
    for (const {kind, fill, track} of one.tracks) {
      const there = moment[kind] !== null;
      fill.style.width = there ? `${100 * moment[kind][place]}%` : "0";
      track.setAttribute("aria-valuenow", there ? moment[kind][place] : 0);
      track.setAttribute("aria-valuetext", there ? percent(moment[kind][place]) : missed[kind]);
      track.dataset.there = there;
    }
  });
}

// How much of the evidence comes from the face and from the voice, as one bar of two parts.
export function fillEvidence(element, moment, said) {
  const parts = ["face", "voice"].map(kind => {
    const weight = moment.evidence[kind];
    const text = moment[kind] === null ? said[kind] : `${kind} ${percent(weight)}`;
    return make("span", {class: kind, style: {flexGrow: moment[kind] === null ? 0 : Math.max(weight, 0.02),
      flexBasis: "auto"}}, text);
  });
  element.replaceChildren(...parts);
}

// What the network saw: 48 x 48 grey levels, and over them the map of 6 x 6 in yellow.
export function drawSeen(canvas, seen) {
  const pen = canvas.getContext("2d"), scale = canvas.width / 48;
  seen.crop.forEach((level, place) => {
    const heat = seen.heat[6 * Math.floor(place / 384) + Math.floor((place % 48) / 8)];
    const [red, green, blue] = [255, 190, 0].map(tone => level + 0.45 * heat * (tone - level));
    pen.fillStyle = `rgb(${red} ${green} ${blue})`;
    pen.fillRect(scale * (place % 48), scale * Math.floor(place / 48), scale, scale);
  });
}

// A box with its label over a picture; `size` is that of the picture in which the box was found.
export function drawBox(pen, box, size, mirrored, tone) {
  const {canvas} = pen, scale = Math.min(canvas.width / size[0], canvas.height / size[1]);
  const [left, top] = [(canvas.width - scale * size[0]) / 2, (canvas.height - scale * size[1]) / 2];
  const x = mirrored ? size[0] - box[0] - box[2] : box[0];
  const at = [left + scale * x, top + scale * box[1], scale * box[2], scale * box[3]];
  pen.lineWidth = 6; pen.strokeStyle = "#000"; pen.strokeRect(...at);
  pen.lineWidth = 3; pen.strokeStyle = tone ?? "#ffb000"; pen.strokeRect(...at);
  return at;
}

export async function ask(address, body) {
  const answer = await fetch(address, {method: "POST", body});
  if (!answer.ok) throw new Error(`the demo answers ${answer.status}`);
  return answer.json();
}

// The switches: what the visitor changed, null if nothing.
export function settings() {
  const threshold = Number(get("threshold").value), face = Number(get("face").value);
  const fitted = Math.abs(threshold - config.threshold) < 0.001 && face === 1 && get("temperature").checked;
  return fitted ? null : {threshold, face, temperature: get("temperature").checked};
}

export function onSettings(call) {
  const show = () => {
    get("threshold-value").textContent = percent(get("threshold").value);
    get("face-value").textContent = `${get("face").value} (voice ${(2 - get("face").value).toFixed(1)})`;
  };
  for (const id of ["threshold", "face", "temperature", "look"]) {
    get(id).addEventListener("input", show);
    get(id).addEventListener("change", () => call(settings()));
  }
  get("fitted").addEventListener("click", () => {
    Object.assign(get("threshold"), {value: config.threshold});
    Object.assign(get("face"), {value: 1});
    get("temperature").checked = true;
    show();
    call(null);
  });
  get("threshold").value = config.threshold;
  show();
}
