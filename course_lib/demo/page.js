// The live page: camera and microphone go up as pictures and pieces of sound, moments come down.
import {ask, colour, drawBox, drawSeen, fillBars, fillEvidence, get, make, makeBars, onSettings, settings} from "./draw.js";
import {again, showFiles} from "./film.js";

const camera = get("camera"), boxes = get("boxes"), sent = get("sent"), bars = makeBars();
const size = {width: {ideal: 640}, height: {ideal: 480}};
const refused = "it was not allowed, is missing, or is used by another program. Allow it next to the page's address";
let visitor = null, running = null, microphone = null, pieces = [], sending = false, times = [];

get("bars").replaceWith(bars.element);

// --- tabs ---
const tabs = [get("tab-live"), get("tab-file")];
function choose(chosen) {
  for (const tab of tabs) {
    tab.setAttribute("aria-selected", tab === chosen);
    tab.tabIndex = tab === chosen ? 0 : -1;
    get(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
  }
}
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", event => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    choose(tabs[1 - place]);
    tabs[1 - place].focus();
  });
}

// --- consent and start ---
get("agree").addEventListener("click", async () => {
  get("agree").disabled = true;
  await begin(true, true);
  get("agree").disabled = false;
});

async function begin(wantCamera, wantMicrophone) {
  const problems = [];
  visitor ??= (await ask("visitor")).visitor;
  await tell(settings());
  const both = wantCamera && wantMicrophone && await stream({video: size, audio: true}).catch(() => null);
  if (both) {
    await startCamera(new MediaStream(both.getVideoTracks()));
    await startMicrophone(new MediaStream(both.getAudioTracks()));
  } else {
    if (wantCamera) await stream({video: size}).then(startCamera).catch(() => problems.push("No camera"));
    if (wantMicrophone) await stream({audio: true}).then(startMicrophone).catch(() => problems.push("No microphone"));
  }
  get("trouble").hidden = !problems.length;
  get("trouble").textContent = problems.length ? `${problems.join(" and ")}: ${refused}, then press the button again.` : "";
  if (running || microphone) fold();
  buttons();
}

// On an address that is neither this machine nor https a browser has no mediaDevices at all.
const stream = wanted => navigator.mediaDevices ? navigator.mediaDevices.getUserMedia(wanted)
  : Promise.reject(new Error("no devices"));

function fold() {
  if (get("consent").hidden) return;
  get("folded").append(...[...get("consent").children].filter(child => child.tagName === "P"));
  get("consent").hidden = true;
  get("about").hidden = get("stage").hidden = false;
}

function buttons() {
  for (const [id, name, on] of [["camera-button", "Camera", running], ["microphone-button", "Microphone", microphone]]) {
    get(id).textContent = `${name} ${on ? "off" : "on"}`;
    get(id).removeAttribute("aria-pressed");
  }
  if (!running) {
    boxes.getContext("2d").clearRect(0, 0, boxes.width, boxes.height);
    get("label").hidden = true;
    get("speed").textContent = "";
  }
}

get("camera-button").addEventListener("click", () => running ? stopCamera() : begin(true, false));
get("microphone-button").addEventListener("click", () => microphone ? stopMicrophone() : begin(false, true));

// --- camera ---
const sleep = time => new Promise(done => setTimeout(done, time));

async function startCamera(media) {
  camera.srcObject = media;
  await camera.play();
  const turn = running = {};
  loop(turn);
}

function stopCamera() {
  running = null;
  camera.srcObject.getTracks().forEach(track => track.stop());
  camera.srcObject = null;
  buttons();
}

// One picture after the other: the next one is sent when the answer to the last one is drawn.
async function loop(turn) {
  while (running === turn) {
    await nextPicture();
    if (running !== turn) return;
    const taken = performance.now(), picture = await grab();
    if (!picture) continue;
    try {
      const look = get("look").checked ? "?look=1" : "";
      const found = await ask(`visitor/${visitor}/see${look}`, picture);
      if (running !== turn) return;
      if (found.problem) { await lost(found.problem); continue; }
      show(found);
      speed(performance.now() - taken);
    } catch (error) {
      trouble(`The demo does not answer (${error.message}). Is it still running?`);
      await sleep(1000);
    }
  }
}

// Wait for a picture that was not sent yet. A hidden page gets no pictures: it sends the same one again.
const counted = "requestVideoFrameCallback" in camera;
let shown = 0, last = 0, arrived = () => {};
function count() {
  shown += 1;
  arrived();
  camera.requestVideoFrameCallback(count);
}
if (counted) camera.requestVideoFrameCallback(count);

async function nextPicture() {
  if (shown === last) {
    await Promise.race([new Promise(done => { arrived = done; }), sleep(counted ? 500 : 33)]);
  }
  last = shown;
}

const grab = () => new Promise(done => {
  if (!camera.videoWidth) return done(null);
  const scale = Math.min(1, 640 / camera.videoWidth);
  const [width, height] = [Math.round(scale * camera.videoWidth), Math.round(scale * camera.videoHeight)];
  if (sent.width !== width || sent.height !== height) Object.assign(sent, {width, height});
  sent.getContext("2d", {willReadFrequently: true}).drawImage(camera, 0, 0, width, height);
  sent.toBlob(done, "image/jpeg", 0.85);
});

// The server forgets a visitor who was away for long: become a new one.
async function lost(problem) {
  if (!problem.includes("away")) { trouble(problem); return; }
  visitor = (await ask("visitor")).visitor;
  await tell(settings());
}

function trouble(text) {
  get("trouble").textContent = text;
  get("trouble").hidden = !text;
}

function speed(delay) {
  const now = performance.now();
  times = [...times.filter(time => now - time < 2000), now];
  const rate = times.length > 1 ? 1000 * (times.length - 1) / (now - times[0]) : 0;
  get("speed").textContent = `${rate.toFixed(0)} pictures a second, ${delay.toFixed(0)} ms late`;
}

// --- microphone ---
async function startMicrophone(media) {
  const context = new AudioContext();
  await context.audioWorklet.addModule("sound.js");
  const source = context.createMediaStreamSource(media), collector = new AudioWorkletNode(context, "collector");
  collector.port.onmessage = event => { pieces.push(event.data); sendPieces(context.sampleRate); };
  source.connect(collector);
  collector.connect(context.destination); // silent: it only keeps the collector running
  microphone = {media, context};
}

async function stopMicrophone() {
  microphone.media.getTracks().forEach(track => track.stop());
  await microphone.context.close();
  microphone = null;
  pieces = [];
  get("listening").textContent = "microphone off";
  get("levels").replaceChildren();
  buttons();
  await ask(`visitor/${visitor}/silence`);
}

// All pieces that have come are sent together, so late ones catch up.
async function sendPieces(rate) {
  if (sending) return;
  sending = true;
  try {
    while (pieces.length && microphone) {
      const now = pieces.splice(0, 40);
      const found = await ask(`visitor/${visitor}/hear?rate=${rate}&start=${now[0].start}`,
        new Blob(now.map(piece => piece.samples)));
      if (found.problem) await lost(found.problem);
      else if (found.answer && !running) show({...found, box: null, size: [4, 3], faces: 0});
    }
  } catch (error) {
    trouble(`The demo does not answer (${error.message}). Is it still running?`);
  }
  sending = false;
}

// --- what the page shows ---
function show(found) {
  get("answer").textContent = found.words;
  get("answer").style.borderColor = colour(found.answer);
  get("second").textContent = [found.second && found.answer !== "not sure" ? `second: ${found.second}` : "",
    found.faces > 1 ? `${found.faces} faces: the largest one is followed` : ""].filter(Boolean).join(" · ") || " ";
  fillBars(bars, found);
  const heard = found.listening === "heard" ? "no sound" : found.listening;
  fillEvidence(get("evidence"), found, {face: "no face", voice: microphone ? heard : "microphone off"});
  sound(found);
  label(found);
  get("seen").hidden = !found.seen;
  if (found.seen) drawSeen(get("seen").querySelector("canvas"), found.seen);
  if (found.spoken) get("spoken").textContent = found.spoken;
  get("trouble").hidden = true;
  get("moment").dataset.box = found.box ?? "";
  get("moment").dataset.number = Number(get("moment").dataset.number) + 1;
}

function label(found) {
  const place = boxes.getBoundingClientRect(), pen = boxes.getContext("2d");
  if (boxes.width !== Math.round(place.width)) Object.assign(boxes, {width: place.width, height: place.height});
  pen.clearRect(0, 0, boxes.width, boxes.height);
  get("label").hidden = !found.box;
  if (!found.box) return;
  const [x, y] = drawBox(pen, found.box, found.size, true);
  get("label").textContent = found.words;
  const last = boxes.width - get("label").offsetWidth;  // further right it would be cut off
  Object.assign(get("label").style, {left: `${Math.max(0, Math.min(x, last))}px`, top: `${Math.max(0, y - 28)}px`});
}

function sound(found) {
  const words = {"heard": "voice heard", "no sound": microphone ? "no sound yet" : "microphone off"};
  get("listening").textContent = words[found.listening] ?? found.listening;
  const high = level => Math.max(0, Math.min(24, 24 * (level + 70) / 70));
  const line = 24 - high(-50);
  get("levels").replaceChildren(...found.levels.map((level, place) => make("rect",
    {x: 4 * place, y: 24 - high(level), width: 3, height: high(level)})),
  make("line", {x1: 0, x2: 100, y1: line, y2: line}, make("title", {}, "Below this line a tenth of a second is quiet")));
}

// --- the rest ---
async function tell(changed) {
  if (visitor) await ask(`visitor/${visitor}/settings`, JSON.stringify(changed ?? {}));
}
let told = Promise.resolve(); // one after the other, so that the last change counts
onSettings(changed => { told = told.then(() => tell(changed)); return again(changed); });
addEventListener("pagehide", () => { if (visitor) navigator.sendBeacon(`visitor/${visitor}/leave`); });
showFiles(choose.bind(null, tabs[1]));
