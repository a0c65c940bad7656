"use strict";

/* The page of `img2img studio`. Everything is in px of the upright photo; the mask is a list of strokes and areas,
   which the server draws at full size, so that the page never holds more than a reduced copy. */

const $ = id => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token") || "";
const canvas = $("canvas"), stage = $("stage"), pen = canvas.getContext("2d");
const veil = document.createElement("canvas"), veilPen = veil.getContext("2d");
const MASK = "#e8306b", MOST_SCALE = 16, ENOUGH = 2048;

const app = { photos: [], models: [], current: null, tool: "brush", task: "inpaint", split: 0.5, busy: null };
const view = { scale: 1, x: 0, y: 0 };              // photo px -> stage px: p * scale + (x, y)
let drawing = null, cross = null, space = false;
const touches = new Map();

/* Requests */
class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, ...(options.headers || {}) };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch {
    throw new Refused(0, "The studio does not answer: was it ended in its terminal?");
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, said.error || `the studio answered ${answer.status}`);
}

const tell = (path, method, body) => ask(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
  .then(answer => answer.json());
const picture = async path => createImageBitmap(await (await ask(path)).blob());

function complain(error, overwrite = false) {
  $("error").hidden = !error;
  $("error").firstElementChild.textContent = error ? error.message : "";
  $("overwrite").hidden = !overwrite;
  if (error && !(error instanceof Refused)) throw error;
}

/* What a reload keeps: the mask and the job of each photo, in this tab */
const stored = (kind, photo) => JSON.parse(sessionStorage.getItem(`${kind} ${photo.id} ${photo.name}`) || "null");

function store(kind, photo, value) {
  const name = `${kind} ${photo.id} ${photo.name}`;
  try {
    if (value === null) sessionStorage.removeItem(name); else sessionStorage.setItem(name, JSON.stringify(value));
  } catch { /* full: then a reload forgets */ }
}

/* Photos */
async function refresh() {
  const state = await (await ask("/api/state")).json();
  app.models = state.models;
  const known = new Map(app.photos.map(photo => [photo.id, photo]));
  app.photos = state.photos.map(photo => known.get(photo.id) || newPhoto(photo));
  listPhotos();
  if (!app.photos.includes(app.current)) await show(app.photos.find(one => one.id === Number(sessionStorage.getItem("photo"))) || app.photos[0] || null);
}

function newPhoto(facts) {
  const photo = { ...facts, image: null, detail: null, after: null, marks: [], undone: [], job: null };
  photo.marks = stored("marks", photo) || [];
  return photo;
}

const seen = new IntersectionObserver(entries => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    const image = entry.target;
    thumbs = thumbs.then(() => ask(`/api/photos/${image.dataset.photo}/view?side=200`)).then(answer => answer.blob())
      .then(blob => { image.src = URL.createObjectURL(blob); image.onload = () => URL.revokeObjectURL(image.src); }).catch(() => {});
  }
});
let thumbs = Promise.resolve();                     // one after the other: each is a photo to be read

function listPhotos() {
  document.querySelector("main").classList.toggle("alone", !app.photos.length);
  $("empty").hidden = app.photos.length > 0;
  const before = new Map([...$("photos").children].map(item => [Number(item.dataset.photo), item]));
  $("photos").replaceChildren(...app.photos.map(photo => before.get(photo.id) || thumb(photo)));
  markCurrent();
}

function thumb(photo) {
  const item = document.createElement("div"), button = document.createElement("button");
  const image = document.createElement("img"), close = document.createElement("button");
  item.className = "thumb";
  item.dataset.photo = image.dataset.photo = photo.id;
  image.alt = photo.name;
  button.type = close.type = "button";
  button.title = photo.name;
  button.ariaLabel = `Show ${photo.name}`;
  button.append(image);
  button.onclick = () => show(photo).catch(complain);
  close.className = "close";
  close.textContent = "×";
  close.setAttribute("aria-label", `Close ${photo.name}`);
  close.onclick = async () => {
    await ask(`/api/photos/${photo.id}`, { method: "DELETE" }).catch(complain);
    store("marks", photo, null);
    store("job", photo, null);
    await refresh().catch(complain);
  };
  item.append(button, close);
  seen.observe(image);
  return item;
}

function markCurrent() {
  for (const item of $("photos").children) {
    const here = app.current && Number(item.dataset.photo) === app.current.id;
    item.firstElementChild.setAttribute("aria-current", String(Boolean(here)));
  }
}

async function show(photo) {
  app.current = photo;
  drawing = cross = null;
  $("photo-name").textContent = photo ? photo.name : "";
  document.title = photo ? `${photo.name} · img2img studio` : "img2img studio";
  markCurrent();
  complain(null);
  if (!photo) return update();
  sessionStorage.setItem("photo", photo.id);
  fit();
  update();
  if (!photo.image) photo.image = await picture(`/api/photos/${photo.id}/view?side=${ENOUGH}`);
  for (const other of app.photos) if (other !== photo && app.photos.length > 4) other.image = other.detail = other.after = null;
  const job = photo.job ? photo.job.id : stored("job", photo);
  if (job && !photo.after) {
    const found = await ask(`/api/jobs/${job}`).then(answer => answer.json()).catch(() => null);
    if (found && found.state === "done") await showResult(photo, found);
    else if (found && (found.state === "running" || found.state === "waiting")) follow(photo, found);
    else store("job", photo, null);
  }
  update();
}

async function take(files) {
  complain(null);
  let last = null, trouble = null;
  for (const file of files) {
    $("status").textContent = `Opening ${file.name} …`;
    try {
      last = await (await ask(`/api/photos?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file })).json();
    } catch (error) { trouble = error; }
  }
  await refresh().catch(complain);
  if (last) await show(app.photos.find(photo => photo.id === last.id)).catch(complain);
  if (trouble) complain(trouble);
  update();
}

/* The view */
function fit() {
  const { clientWidth: wide, clientHeight: high } = stage, photo = app.current;
  if (!photo || !wide || !high) return;
  view.scale = Math.min((wide - 32) / photo.width, (high - 32) / photo.height, 4);
  view.x = (wide - photo.width * view.scale) / 2;
  view.y = (high - photo.height * view.scale) / 2;
  moved();
}

function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const photo = app.current;
  if (!photo) return;
  const least = Math.min(stage.clientWidth / photo.width, stage.clientHeight / photo.height, 1) / 2;
  const scale = Math.min(MOST_SCALE, Math.max(least, view.scale * factor));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  moved();
}

let settling = 0;
function moved() {
  draw();
  clearTimeout(settling);
  settling = setTimeout(() => fetchDetail().catch(complain), 140);
}

/* Where the reduced copy is coarser than the screen, the part that is seen comes at full size. */
async function fetchDetail() {
  const photo = app.current;
  if (!photo || !photo.image) return;
  const ratio = devicePixelRatio || 1;
  if (view.scale * ratio <= 1.01 * photo.image.width / photo.width) { photo.detail = null; }
  else photo.detail = await part(`/api/photos/${photo.id}`, photo.width, photo.height, 1);
  const after = photo.after;
  if (after && after.job === photo.job.id) {
    const times = after.width / photo.width;
    if (view.scale * ratio <= 1.01 * after.image.width / photo.width) after.detail = null;
    else after.detail = await part(`/api/jobs/${after.job}`, after.width, after.height, times);
  }
  draw();
}

/* times: px of the picture for one of the photo */
async function part(path, width, height, times) {
  const left = Math.max(0, Math.floor(-view.x / view.scale * times)), top = Math.max(0, Math.floor(-view.y / view.scale * times));
  const right = Math.min(width, Math.ceil((stage.clientWidth - view.x) / view.scale * times));
  const bottom = Math.min(height, Math.ceil((stage.clientHeight - view.y) / view.scale * times));
  if (right <= left || bottom <= top) return null;
  const image = await picture(`${path}/view?box=${left},${top},${right - left},${bottom - top}&side=${ENOUGH}`);
  return { image, x: left / times, y: top / times, width: (right - left) / times, height: (bottom - top) / times };
}

let waiting = false;
function draw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; paintAll(); });
}

function paintAll() {
  const ratio = devicePixelRatio || 1, wide = stage.clientWidth, high = stage.clientHeight, photo = app.current;
  if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
    canvas.width = veil.width = Math.round(wide * ratio);
    canvas.height = veil.height = Math.round(high * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, wide, high);
  if (!photo || !photo.image) return placeSplit();
  const inPhoto = target => target.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  const paint = (image, detail) => {
    pen.imageSmoothingEnabled = view.scale < 4;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, photo.width, photo.height);
    if (detail) pen.drawImage(detail.image, detail.x, detail.y, detail.width, detail.height);
  };
  inPhoto(pen);
  paint(photo.image, photo.detail);
  if (comparing()) {
    pen.save();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.beginPath();
    pen.rect(app.split * wide, 0, wide, high);
    pen.clip();
    inPhoto(pen);
    paint(photo.after.image, photo.after.detail);
    pen.restore();
  } else if (app.task === "inpaint") {
    veilPen.setTransform(1, 0, 0, 1, 0, 0);
    veilPen.clearRect(0, 0, veil.width, veil.height);
    inPhoto(veilPen);
    for (const mark of photo.marks) paintMark(veilPen, mark);
    if (drawing && drawing.mark) paintMark(veilPen, drawing.mark);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.globalAlpha = 0.5;
    pen.drawImage(veil, 0, 0);
    pen.globalAlpha = 1;
    inPhoto(pen);
    paintOutline(photo);
  }
  placeSplit();
}

function trace(target, points) {
  target.beginPath();
  points.forEach(([x, y], number) => number ? target.lineTo(x, y) : target.moveTo(x, y));
}

function paintMark(target, mark) {
  target.globalCompositeOperation = mark.erase ? "destination-out" : "source-over";
  target.fillStyle = target.strokeStyle = MASK;
  target.lineCap = target.lineJoin = "round";
  if (mark.kind === "stroke" && mark.points.length === 1) {
    target.beginPath();
    target.arc(...mark.points[0], mark.radius, 0, 2 * Math.PI);
    target.fill();
  } else {
    trace(target, mark.points);
    if (mark.kind === "stroke") { target.lineWidth = 2 * mark.radius; target.stroke(); }
    else { target.closePath(); target.fill(); }
  }
  target.globalCompositeOperation = "source-over";
}

/* The polygon under way, the ring of the brush, the cross of the keyboard */
function paintOutline(photo) {
  const thin = 1.5 / view.scale;
  const twice = path => {
    for (const [colour, width] of [["#000a", 2 * thin], ["#fff", thin]]) {
      pen.strokeStyle = colour;
      pen.lineWidth = width;
      path();
      pen.stroke();
    }
  };
  if (drawing && drawing.corners) twice(() => trace(pen, [...drawing.corners, drawing.at || drawing.corners[0]]));
  if (app.hover && !touches.size && (app.tool === "brush" || app.tool === "eraser"))
    twice(() => { pen.beginPath(); pen.arc(...app.hover, radius(), 0, 2 * Math.PI); });
  if (cross) {
    const long = 10 / view.scale;
    twice(() => { pen.beginPath(); pen.moveTo(cross[0] - long, cross[1]); pen.lineTo(cross[0] + long, cross[1]); pen.moveTo(cross[0], cross[1] - long); pen.lineTo(cross[0], cross[1] + long); });
  }
}

/* Marks */
const radius = () => {
  const photo = app.current, largest = photo ? Math.max(photo.width, photo.height) / 5 : 200;
  return Math.max(0.5, 1.5 * (largest / 1.5) ** (Number($("size").value) / 100));
};
const place = event => {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left - view.x) / view.scale, (event.clientY - box.top - view.y) / view.scale];
};
const rounded = ([x, y]) => [Math.round(10 * x) / 10, Math.round(10 * y) / 10];

function add(mark) {
  const photo = app.current;
  photo.marks.push(mark);
  photo.undone = [];
  keepMarks(photo);
}

function keepMarks(photo) {
  store("marks", photo, photo.marks.length ? photo.marks : null);
  update();
}

function undo() {
  const photo = app.current;
  if (drawing && drawing.corners) { drawing = null; return draw(); }
  if (!photo || !photo.marks.length) return;
  const group = photo.marks.at(-1).group;
  do photo.undone.push(photo.marks.pop()); while (group && photo.marks.length && photo.marks.at(-1).group === group);
  keepMarks(photo);
}

function redo() {
  const photo = app.current;
  if (!photo || !photo.undone.length) return;
  const group = photo.undone.at(-1).group;
  do photo.marks.push(photo.undone.pop()); while (group && photo.undone.length && photo.undone.at(-1).group === group);
  keepMarks(photo);
}

function clear() {
  const photo = app.current;
  if (!photo || !photo.marks.length) return;
  const { width, height } = photo, group = Date.now();
  add({ kind: "area", erase: true, group, points: [[-1, -1], [width, -1], [width, height], [-1, height]] });
}

/* What is left of the marks after the last one that erased everything */
function counting(photo) {
  const last = photo.marks.findLastIndex(mark => mark.erase && mark.group && mark.points.length === 4);
  return photo.marks.slice(last + 1);
}

async function pick(at) {
  const photo = app.current, [x, y] = at.map(Math.floor);
  if (x < 0 || y < 0 || x >= photo.width || y >= photo.height) return;
  $("status").textContent = "Looking for the thing there …";
  const { outlines } = await tell(`/api/photos/${photo.id}/pick`, "POST", { x, y });
  const group = Date.now();
  for (const points of outlines) add({ kind: "area", points, erase: false, group });
  $("status").textContent = outlines.length ? "" : "Nothing stands out there; paint it instead.";
  update(outlines.length > 0);
}

/* One step of a tool at a point of the photo; began: the pointer has just gone down */
function begin(at) {
  const tool = app.tool;
  if (tool === "brush" || tool === "eraser") drawing = { mark: { kind: "stroke", points: [rounded(at)], radius: radius(), erase: tool === "eraser" } };
  else if (tool === "box") drawing = { from: at, mark: null };
  else if (tool === "polygon") {
    const corners = drawing && drawing.corners || [];
    const near = corners.length > 2 && Math.hypot(corners[0][0] - at[0], corners[0][1] - at[1]) * view.scale < 12;
    if (near) { finishPolygon(); return; }
    drawing = { corners: [...corners, rounded(at)], at };
  } else if (tool === "pick") pick(at).catch(complain);
}

function go(at) {
  if (!drawing) return;
  if (drawing.corners) drawing.at = at;
  else if (drawing.from) {
    const [[a, b], [c, d]] = [drawing.from, at].map(([x, y]) => [Math.round(x), Math.round(y)]);
    drawing.mark = a === c || b === d ? null : { kind: "area", erase: false, points: [[Math.min(a, c), Math.min(b, d)], [Math.max(a, c) - 1, Math.min(b, d)], [Math.max(a, c) - 1, Math.max(b, d) - 1], [Math.min(a, c), Math.max(b, d) - 1]] };
  } else {
    const points = drawing.mark.points, last = points.at(-1);
    if (Math.hypot(last[0] - at[0], last[1] - at[1]) * view.scale >= 1.5 && points.length < 20000) points.push(rounded(at));
  }
  draw();
}

function finish() {
  if (!drawing || drawing.corners) return;
  const { mark } = drawing;
  drawing = null;
  if (mark) add(mark);
  draw();
}

function finishPolygon() {
  const corners = drawing && drawing.corners;
  drawing = null;
  if (corners && corners.length > 2) add({ kind: "area", points: corners, erase: false });
  draw();
}

/* Pointers: one works, two zoom and move */
canvas.addEventListener("pointerdown", event => {
  if (!app.current || !app.current.image) return;
  canvas.setPointerCapture(event.pointerId);
  touches.set(event.pointerId, [event.clientX, event.clientY]);
  cross = null;
  if (touches.size === 2) { drawing = drawing && drawing.corners ? drawing : null; return draw(); }
  if (moving() || event.button === 1) return canvas.classList.add("moving");
  if (event.button === 0 && touches.size === 1) { begin(place(event)); draw(); }
});
canvas.addEventListener("pointermove", event => {
  app.hover = app.current ? place(event) : null;
  const before = touches.get(event.pointerId);
  if (!before) { if (drawing && drawing.corners) go(place(event)); return draw(); }
  if (touches.size === 2) {
    const [other] = [...touches].filter(([id]) => id !== event.pointerId).map(([, where]) => where);
    const box = canvas.getBoundingClientRect(), now = [event.clientX, event.clientY];
    const long = where => Math.hypot(where[0] - other[0], where[1] - other[1]);
    view.x += (now[0] - before[0]) / 2;
    view.y += (now[1] - before[1]) / 2;
    zoom(long(now) / Math.max(1, long(before)), (now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top);
  } else if (canvas.classList.contains("moving")) {
    view.x += event.clientX - before[0];
    view.y += event.clientY - before[1];
    moved();
  } else {
    for (const one of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) go(place(one));
  }
  touches.set(event.pointerId, [event.clientX, event.clientY]);
});
for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, event => {
  const had = touches.delete(event.pointerId);
  if (touches.size) return;
  canvas.classList.toggle("moving", moving());
  if (had && kind === "pointerup") finish(); else if (drawing && !drawing.corners) drawing = null;
  draw();
});
canvas.addEventListener("pointerleave", () => { app.hover = null; draw(); });
canvas.addEventListener("dblclick", finishPolygon);
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
const moving = () => app.tool === "hand" || space || comparing() || app.task !== "inpaint";

/* The keyboard */
const ACTIONS = {
  b: () => choose("brush"), e: () => choose("eraser"), r: () => choose("box"), p: () => choose("polygon"), k: () => choose("pick"), h: () => choose("hand"),
  "[": () => resize(-4), "]": () => resize(4), "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit, 1: () => zoom(1 / (devicePixelRatio || 1) / view.scale),
  c: () => { if (app.current && app.current.after) { $("compare").checked = !$("compare").checked; update(); } },
  Escape: () => { drawing = cross = null; draw(); },
};
addEventListener("keydown", event => {
  const typing = event.target.matches("input:not([type=range]):not([type=checkbox]), select, textarea");
  if ((event.ctrlKey || event.metaKey) && !typing && "zy".includes(event.key.toLowerCase())) {
    event.preventDefault();
    return event.key.toLowerCase() === "y" || event.shiftKey ? redo() : undo();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === canvas && atCross(event)) return event.preventDefault();
  const action = ACTIONS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (action) action();
  else if (event.key === " " && event.target === canvas) { space = true; canvas.classList.add("moving"); event.preventDefault(); }
});
addEventListener("keyup", event => { if (event.key === " ") { space = false; canvas.classList.toggle("moving", moving()); } });

function atCross(event) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key], photo = app.current;
  if (!photo || moving() && !step) return false;
  if (step) {
    const size = event.shiftKey ? 1 : Math.max(1, 12 / view.scale);
    cross = cross || [photo.width / 2, photo.height / 2];
    cross = [Math.min(photo.width, Math.max(0, cross[0] + size * step[0])), Math.min(photo.height, Math.max(0, cross[1] + size * step[1]))];
    if (drawing) go(cross);
    draw();
    return true;
  }
  if (event.key !== "Enter" || !cross) return false;
  if (app.tool === "box" && drawing && drawing.from) { go(cross); finish(); }
  else if (event.shiftKey && app.tool === "polygon") finishPolygon();
  else { begin(cross); if (app.tool !== "box") finish(); }
  draw();
  return true;
}

function resize(by) {
  $("size").value = Number($("size").value) + by;
  update();
}

function choose(tool) {
  app.tool = tool;
  if (drawing) drawing = null;
  if (app.current && app.current.after && tool !== "hand") $("compare").checked = false;
  update();
}

/* Before and after */
const comparing = () => Boolean(app.current && app.current.after && $("compare").checked);

function placeSplit() {
  const on = comparing();
  $("split").hidden = $("before").hidden = $("after").hidden = !on;
  if (!on) return;
  $("split").style.left = `${100 * app.split}%`;
  $("split").setAttribute("aria-valuenow", Math.round(100 * app.split));
}

function splitAt(share) {
  app.split = Math.min(1, Math.max(0, share));
  draw();
}

$("split").addEventListener("pointerdown", event => { $("split").setPointerCapture(event.pointerId); event.preventDefault(); $("split").focus(); });
$("split").addEventListener("pointermove", event => {
  if (!$("split").hasPointerCapture(event.pointerId)) return;
  const box = stage.getBoundingClientRect();
  splitAt((event.clientX - box.left) / box.width);
});
$("split").addEventListener("keydown", event => {
  const to = { ArrowLeft: app.split - 0.02, ArrowDown: app.split - 0.02, ArrowRight: app.split + 0.02, ArrowUp: app.split + 0.02, Home: 0, End: 1 }[event.key];
  if (to !== undefined) { event.preventDefault(); splitAt(to); }
});

/* The panel */
const WORDS = { inpaint: ["Fill", "Filling"], upscale: ["Enlarge", "Enlarging"], translate: ["Translate", "Translating"] };

function fillChoices(select, choices) {
  const before = select.value;
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  if (choices.some(([value]) => value === before)) select.value = before;
}

function describeTask() {
  const offered = app.models.filter(model => model.task === app.task), task = app.task;
  const automatic = { inpaint: [["", "photo-inpaint, the default"]], upscale: [["", "what suits the size"]], translate: [] }[task];
  fillChoices($("model"), [...automatic, ...offered.filter(model => !(task === "inpaint" && model.name === "photo-inpaint")).map(model => [model.name, model.name])]);
  const classical = task === "inpaint" && ["telea", "navier-stokes"].includes($("method").value);
  $("model").disabled = classical;
  if (classical) $("model").value = "";
  const model = offered.find(one => one.name === $("model").value);
  $("use").textContent = model ? model.use : "";
  const most = model ? model.scale : 4;
  fillChoices($("scale"), [["", "as the model does"], ...[1.5, 2, 3, 4].filter(scale => scale <= most).map(scale => [String(scale), `${scale} times`])]);
  const ways = model ? model.to : [];
  fillChoices($("to"), ways.map(way => [way, way]));
  $("to-row").hidden = task !== "translate" || ways.length < 2;
  for (const row of document.querySelectorAll("[data-for]")) if (row.id !== "to-row") row.hidden = row.dataset.for !== task;
  const none = task === "translate" && !offered.length;
  $("model-row").hidden = none;
  $("hint").textContent = none ? "There is no model to translate with yet: img2img train cyclegan makes one, and it appears here."
    : task === "inpaint" && app.current && !counting(app.current).length ? "Paint over what is to go." : "";
  return none;
}

function update(quiet = true) {
  const photo = app.current, none = describeTask(), working = Boolean(app.busy);
  for (const tab of $("tasks").children) {
    tab.setAttribute("aria-selected", String(tab.dataset.task === app.task));
    tab.tabIndex = tab.dataset.task === app.task ? 0 : -1;
  }
  $("form").setAttribute("aria-labelledby", `tab-${app.task}`);
  for (const button of $("painting").children) {
    const on = button.dataset.tool === app.tool;
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(on));
    button.tabIndex = on ? 0 : -1;
  }
  $("painting").hidden = $("size-label").hidden = app.task !== "inpaint";
  for (const name of ["undo", "redo", "clear"]) $(name).hidden = app.task !== "inpaint";
  $("undo").disabled = !photo || !photo.marks.length;
  $("redo").disabled = !photo || !photo.undone.length;
  $("clear").disabled = !photo || !counting(photo).length;
  for (const name of ["in", "out", "fit"]) $(name).disabled = !photo;
  $("size-value").textContent = `${Math.round(2 * radius())} px`;
  $("run").textContent = WORDS[app.task][0];
  $("run").disabled = working || none || !photo || !photo.image || (app.task === "inpaint" && !counting(photo).length);
  canvas.classList.toggle("moving", Boolean(moving()));
  const after = photo && photo.after;
  $("result").hidden = !after;
  if (after) {
    $("result-name").textContent = after.name;
    $("result-facts").textContent = `${after.width} × ${after.height} px, ${after.seconds.toFixed(1)} s`;
    $("note").textContent = after.note;
    $("save").hidden = !photo.own;
    $("command").querySelector("code").textContent = after.command;
  }
  if (quiet && !working) $("status").textContent = photo ? `${photo.width} × ${photo.height} px` : "";
  draw();
}

/* Jobs */
function optionsOfForm() {
  const values = { format: $("format").value, model: $("model").value };
  if (app.task === "inpaint") Object.assign(values, { method: $("method").value, grow: Number($("grow").value), feather: Number($("feather").value) });
  if (app.task === "upscale") values.scale = $("scale").value;
  if (app.task === "translate" && !$("to-row").hidden) values.to = $("to").value;
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== 0));
}

async function start() {
  const photo = app.current;
  complain(null);
  photo.after = null;
  store("job", photo, null);
  const painted = app.task === "inpaint" ? counting(photo).map(({ group, ...mark }) => mark) : [];
  const job = await tell("/api/jobs", "POST", { photo: photo.id, task: app.task, options: optionsOfForm(), painted });
  await follow(photo, job);
}

const pause = seconds => new Promise(done => setTimeout(done, 1000 * seconds));

async function follow(photo, job) {
  app.busy = job;
  photo.job = job;
  store("job", photo, job.id);
  $("progress").hidden = false;
  update();
  try {
    while (job.state === "waiting" || job.state === "running") {
      $("doing").textContent = job.state === "waiting" ? "Waiting for another job" : WORDS[app.task][1];
      $("share").value = job.share;
      $("left").textContent = job.seconds_left ? `${Math.round(100 * job.share)} %, ${inWords(job.seconds_left)} left` : "";
      await pause(0.25);
      job = await (await ask(`/api/jobs/${job.id}`)).json();
    }
    photo.job = job;
    if (job.state === "failed") throw new Refused(422, job.error);
    if (job.state === "done") await showResult(photo, job);
    else store("job", photo, null);
    $("status").textContent = job.state === "done" ? `Done: ${job.width} × ${job.height} px` : "Cancelled";
  } catch (error) {
    store("job", photo, null);
    complain(error);
  } finally {
    app.busy = null;
    $("progress").hidden = true;
    update(job.state === "waiting");
  }
}

async function showResult(photo, job) {
  photo.job = job;
  photo.after = { ...job, job: job.id, image: await picture(`/api/jobs/${job.id}/view?side=${ENOUGH}`), detail: null };
  $("compare").checked = true;
  moved();
  update(false);
}

function inWords(seconds) {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

async function save(overwrite) {
  complain(null);
  try {
    const { saved } = await tell(`/api/jobs/${app.current.after.job}/save`, "POST", { overwrite });
    $("status").textContent = `Saved: ${saved.join(", ")}`;
  } catch (error) { complain(error, error.status === 409 && error.message.includes("exists already")); }
}

async function download() {
  const { job, name } = app.current.after, link = document.createElement("a");
  link.href = URL.createObjectURL(await (await ask(`/api/jobs/${job}/file`)).blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/* Buttons */
const guarded = work => (...given) => Promise.resolve(work(...given)).catch(complain);
$("open").onclick = $("open-too").onclick = () => $("files").click();
$("files").onchange = guarded(async () => { const files = [...$("files").files]; $("files").value = ""; await take(files); });
$("undo").onclick = undo;
$("redo").onclick = redo;
$("clear").onclick = clear;
$("in").onclick = () => zoom(1.4);
$("out").onclick = () => zoom(1 / 1.4);
$("fit").onclick = fit;
$("size").oninput = () => update();
$("form").onsubmit = event => { event.preventDefault(); guarded(start)(); };
$("form").onchange = () => update();
$("compare").onchange = () => update();
$("cancel").onclick = guarded(() => app.busy && ask(`/api/jobs/${app.busy.id}`, { method: "DELETE" }));
$("save").onclick = guarded(() => save(false));
$("overwrite").onclick = guarded(() => save(true));
$("download").onclick = guarded(download);
$("copy").onclick = guarded(async () => { await navigator.clipboard.writeText($("command").querySelector("code").textContent); $("status").textContent = "Copied"; });
for (const button of $("painting").children) button.onclick = () => choose(button.dataset.tool);
for (const tab of $("tasks").children) tab.onclick = () => { app.task = tab.dataset.task; drawing = null; update(); };

/* Arrow keys inside the tabs and the tools, as both roles have it */
for (const [group, next] of [[$("tasks"), 1], [$("painting"), 1]]) group.addEventListener("keydown", event => {
  const by = { ArrowRight: next, ArrowDown: next, ArrowLeft: -next, ArrowUp: -next }[event.key];
  if (!by) return;
  event.preventDefault();
  const all = [...group.children], to = all[(all.indexOf(document.activeElement) + by + all.length) % all.length];
  to.focus();
  to.click();
});

const dark = matchMedia("(prefers-color-scheme: dark)");
function theme(name) {
  if (name) document.documentElement.dataset.theme = name;
  $("theme").setAttribute("aria-pressed", String((name || (dark.matches ? "dark" : "light")) === "dark"));
}
$("theme").onclick = () => {
  const name = $("theme").getAttribute("aria-pressed") === "true" ? "light" : "dark";
  localStorage.setItem("theme", name);
  theme(name);
};
theme(localStorage.getItem("theme"));

/* Dropped and pasted photos */
const carries = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
addEventListener("dragover", event => { if (carries(event)) { event.preventDefault(); $("drop").hidden = false; } });
addEventListener("dragleave", event => { if (!event.relatedTarget) $("drop").hidden = true; });
addEventListener("drop", event => { if (carries(event)) { event.preventDefault(); $("drop").hidden = true; guarded(take)([...event.dataTransfer.files]); } });
addEventListener("paste", event => { const files = [...(event.clipboardData || {}).files || []]; if (files.length) guarded(take)(files); });
addEventListener("focus", () => { if (!app.busy) refresh().catch(complain); });

let before = [0, 0];
new ResizeObserver(() => {
  const now = [stage.clientWidth, stage.clientHeight];
  if (now[0] !== before[0] || now[1] !== before[1]) { before = now; fit(); }
  draw();
}).observe(stage);

update();
refresh().then(() => update()).catch(complain);
