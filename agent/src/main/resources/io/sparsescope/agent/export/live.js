'use strict';
/* What the page shows of the state. Names come from model files and are not to be trusted: they reach the page as text
   nodes and attributes that run nothing, and as letters on a canvas, never as markup. */
const MOST_LINES = 6, LEAST_COLUMN = 3, NAMED_ROWS = 24;
const DASHES = ['solid', [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2]];

/** lines: places of the taps that have a line of their own, by model; active: place of the tap whose numbers are shown. */
const view = {model: null, lines: new Map(), active: -1, shown: []};

const short = new Intl.NumberFormat('en-US', {notation: 'compact', maximumFractionDigits: 1});

const some = x => num(x) < 1e6 ? count(x || 0) : short.format(num(x));
const many = (n, what) => `${count(n)} ${what}${num(n) === 1 ? '' : 's'}`;
const cap = s => s.length > 500 ? s.slice(0, 500) + '…' : s;
const inPoints = x => isNumber(x) ? (100 * x).toFixed(2) + '\u00a0points' : '–';

function span(ms) {
  const s = Math.floor(ms / 1000), m = Math.floor(s / 60), h = Math.floor(m / 60), d = Math.floor(h / 24);
  return d ? `${d} d ${h % 24} h` : h ? `${h} h ${m % 60} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
}

const seconds = s => s < 60 ? s.toPrecision(2) * 1 + ' s' : span(1000 * s);
const last = values => values.length ? values[values.length - 1] : null;
const lastRate = m => m.history ? last(m.history.runsPerSecond) : null;
const overhead = m => shareOf(m.cost.overheadNanos, m.cost.runNanos);

/**
 * A table in its place: updated there, made anew only where its columns are others.
 * cells: of each column what it is and how its value is read from one of those that the rows are of; of: those
 */
function tableIn(host, {caption, cells, of, keys, chosen = null, ...told}) {
  const kept = cells.filter(Boolean), columns = kept.map(([column]) => column);
  const rows = of.map(one => kept.map(([, read]) => read(one)));
  const made = JSON.stringify([caption, columns]);
  if (host.made !== made) {
    host.made = made;
    host.table = tableView({caption, columns, rows, keys, ...told});
    host.replaceChildren(host.table);
  } else {
    host.table.update(rows, keys);
  }
  host.table.choose(chosen);
}

function plotIn(host, figure, fresh = false) {
  if (host.firstChild) replot(host.firstChild, figure, fresh);
  else host.append(plot(figure));
}

const column = (title, kind, more) => ({title, kind, ...more});

function render() {
  if (!state.profile) return;
  header();
  models();
  const m = chosenModel(), counted = Boolean(m && m.taps.length), fresh = view.model !== state.chosen;
  if (fresh) {
    view.model = state.chosen;
    view.active = -1;
    byId('detail').classList.remove('open');
  }
  byId('empty').hidden = state.models.length > 0;
  byId('empty').textContent = 'No model has been loaded yet. Models show up here as the service creates sessions.';
  byId('about').hidden = byId('charts').hidden = !m;
  byId('arms').hidden = !m || siblings(m).length < 2;
  byId('layers').hidden = !counted;
  if (!m) return;
  about(m);
  arms(m);
  overTime(m);
  if (counted) layers(m, fresh);
}

function header() {
  const {agent} = state.profile, service = state.series ? state.series.service : null;
  if (service) {
    byId('service').textContent = cap(`${service.main || 'JVM'} (pid ${service.pid})`);
    byId('download').setAttribute('download', `sparsescope-${service.pid}.json`);
    document.title = cap(`${service.main || service.pid} · Sparsescope`);
  }
  const drops = state.models.reduce((sum, m) => sum + num(m.cost.drops), 0), failures = num(agent.failures);
  const bad = (n, what) => el('span', {class: n ? 'bad' : null}, `${count(n)} ${what}`);
  byId('facts').replaceChildren(cap(`agent ${agent.version || '?'} · `
      + (agent.onnxruntime ? `ONNX Runtime ${agent.onnxruntime}` : 'ONNX Runtime not seen yet')
      + (service ? ` · up ${span(service.uptimeMillis)}` : '')), ' · ', bad(failures, 'failures'), ' · ', bad(drops, 'drops'));
  const open = byId('problems').querySelector('details[open]');
  byId('problems').hidden = !failures;
  byId('problems').replaceChildren(el('details', {open: open ? '' : null},
      el('summary', {}, `${count(failures)} failures of the agent; the service went on without it each time`),
      el('ul', {}, (agent.failureMessages || []).map(text => el('li', {}, cap(text))))));
  byId('notes').hidden = !agent.note;
  byId('notes').replaceChildren(el('ul', {}, (agent.note || '').split('\n').map(text => el('li', {}, cap(text)))));
}

function connection() {
  const live = byId('live'), box = byId('lost'), lost = Boolean(state.lostSince);
  live.className = 'note ' + (lost ? 'lost' : document.hidden ? 'paused' : '');
  live.textContent = lost ? 'connection lost' : state.updated ? `live, ${Math.max(0, Math.round((Date.now() - state.updated) / 1000))} s ago` : 'connecting';
  document.body.classList.toggle('stale', lost && Boolean(state.updated));
  const message = !lost ? '' : !state.updated ? 'The agent does not answer; trying again every 5 s.'
      : `Connection lost: the service does not answer since ${clock(state.lostSince)}. What you see is from ${clock(state.updated)}; trying again every 5 s.`;
  if (box.textContent !== message) box.textContent = message;
  box.hidden = !lost;
}

/* ---- models ---- */

function models() {
  byId('models').hidden = !state.models.length;
  const of = new Map();
  for (const m of state.models) of.set(m.name, (of.get(m.name) || new Set()).add(m.sha256));
  const arms = state.models.some(m => m.arm), twins = state.models.some(m => of.get(m.name).size > 1);
  const drops = state.models.some(m => num(m.cost.drops)), left = state.models.some(m => !m.taps.length);
  const reason = m => m.taps.length ? '' : m.skipped.length ? m.skipped[0].reason.replace(/^not instrumented: /, '') : 'nothing to count';
  const cells = [
    [column('model', 'text'), m => cap(m.name) || '(no name)'],
    arms && [column('arm', 'text'), m => cap(m.arm)],
    twins && [column('sha256', 'text'), m => m.sha256.slice(0, 8)],
    [column('sparsity', 'meter'), m => m.sparsity],
    [column('trend', 'trend'), m => m.history ? m.history.sparsity : []],
    [column('runs', 'count'), m => m.runs],
    [column('runs/s', 'rate'), lastRate],
    [column('counted runs', 'count'), m => m.sampledRuns],
    [column('sessions', 'count'), m => m.sessions],
    [column('overhead', 'fine'), overhead],
    drops && [column('drops', 'count'), m => m.cost.drops],
    left && [column('not instrumented', 'text'), m => cap(reason(m))],
  ];
  tableIn(byId('models'), {caption: 'Models', cells, of: state.models,
    keys: state.models.map(m => m.key), chosen: state.chosen, onrow: i => choose(state.models[i].key)});
}

function about(m) {
  byId('name').textContent = cap(m.name) || '(no name)';
  const sub = [m.arm ? 'arm ' + m.arm : '', m.graph ? 'graph ' + m.graph : '', m.opset ? 'opset ' + m.opset : '', m.sha256 ? 'sha256 ' + m.sha256.slice(0, 12) : ''];
  byId('sub').replaceChildren(...sub.filter(Boolean).flatMap((text, i) => [i ? ', ' : '', el('bdi', {}, cap(text))]));
  byId('tiles').replaceChildren(...[
    m.taps.length && fact(percent(m.sparsity, 2), `of activations zero, ${some(m.zeros)} of ${some(m.elements)}`),
    fact(some(m.runs), `runs, ${rate(lastRate(m))}/s`),
    fact(some(m.sampledRuns), 'counted' + (num(m.runs) ? ', ' + percent(shareOf(m.sampledRuns, m.runs)) : '')),
    fact(count(m.sessions), num(m.sessions) === 1 ? 'session' : 'sessions'),
    fact(percent(overhead(m), 2), 'overhead' + (num(m.cost.runNanos) ? ', ' + seconds(num(m.cost.overheadNanos) / 1e9) : '')),
    m.drift && m.drift.maxDistance !== null && fact(inPoints(m.drift.maxDistance), `largest drift, mean ${inPoints(m.drift.meanDistance)}`),
    num(m.cost.drops) && fact(count(m.cost.drops), 'runs dropped'),
  ].filter(Boolean));
  list(byId('skipped'), m.skipped, m.taps.length ? many(m.skipped.length, 'tensor') + ' not counted' : 'Why nothing is counted', s => [s.node || s.tensor, s.reason].filter(Boolean).join(': '));
  list(byId('thresholds'), [...m.thresholds, ...m.transforms], [many(m.thresholds.length, 'threshold'), m.transforms.length && many(m.transforms.length, 'transform')].filter(Boolean).join(' and ') + ' in force', t => Object.entries(t).filter(([, v]) => v !== '' && v !== null).map(([k, v]) => `${k} ${v}`).join(', '));
}

function list(details, values, title, text) {
  details.hidden = !values.length;
  details.querySelector('summary').textContent = title;
  details.querySelector('ul').replaceChildren(...values.slice(0, 500).map(v => el('li', {}, el('bdi', {}, cap(text(v))))));
}

const siblings = m => state.models.filter(o => o.name === m.name && o.sha256 === m.sha256 && o.graph === m.graph && o.taps.length && (o.arm || m.arm));

function arms(m) {
  const all = siblings(m);
  if (all.length < 2) return;
  const difference = (o, read) => o.difference && num(o.difference.runs) ? read(o.difference) : null;
  const cells = [
    [column('arm', 'text'), o => cap(o.arm || 'no arm')], [column('runs', 'count'), o => o.runs], [column('counted runs', 'count'), o => o.sampledRuns],
    [column('sparsity', 'fine'), o => o.sparsity], [column('overhead', 'fine'), overhead],
    [column('thresholds', 'count'), o => o.thresholds.length + o.transforms.length],
    [column('runs compared', 'count'), o => difference(o, d => d.runs)],
    [column('largest difference', 'number'), o => difference(o, d => Number(d.maxAbs))],
    [column('least cosine', 'number'), o => difference(o, d => Number(d.minCosine))],
    [column('mean cosine', 'number'), o => difference(o, d => Number(d.meanCosine))],
    [column('top-1 agreement', 'fine'), o => difference(o, d => shareOf(d.agreeing, d.rows))],
    [column('rows', 'count'), o => difference(o, d => d.rows)],
  ];
  tableIn(byId('arms'), {caption: 'Arms side by side', cells, of: all,
    keys: all.map(o => o.key), chosen: m.key});
}

/* ---- over time ---- */

const ownLines = m => view.lines.get(m.key) || [];
const time = () => state.series ? {start: state.series.start, end: state.series.end} : {start: [], end: []};

function overTime(m) {
  const h = m.history, of = lane => h ? h[lane] : [];
  const own = ownLines(m).flatMap((tap, n) => tap === null ? [] : [{name: tapName(m.taps[tap]), values: layerHistory(m, tap), color: cssColor(`--s${n}`), dash: DASHES[n]}]);
  const full = byId('range').value === 'full';
  plotIn(byId('c-sparsity'), timeFigure({name: 'Sparsity over time', height: 240, time: time(), shares: true,
    axis: full ? {min: 0, max: 100} : {scale: true}, lines: [{name: 'all layers', values: m.taps.length ? of('sparsity') : [], color: cssColor('--ink'), width: 2}, ...own]}));
  plotIn(byId('c-overhead'), timeFigure({name: 'Overhead over time', height: 240, time: time(), shares: true,
    axis: {max: v => Math.max(1, Math.ceil(v.max))}, lines: [{name: 'overhead', values: of('overhead'), color: cssColor('--weight')}]}));
  plotIn(byId('c-runs'), timeFigure({name: 'Runs per second over time', height: 240, time: time(), shares: false,
    axis: {min: 0}, lines: [{name: 'runs a second', values: of('runsPerSecond'), color: cssColor('--accent')}]}));
  byId('hint').hidden = !m.taps.length;
}

/** Gives a layer a line or takes it; it keeps its colour as long as it has one. */
function turnLine(m, tap) {
  const lines = [...ownLines(m)], at = lines.indexOf(tap), free = lines.indexOf(null);
  if (at >= 0) lines[at] = null;
  else if (free >= 0) lines[free] = tap;
  else if (lines.length < MOST_LINES) lines.push(tap);
  else lines[0] = tap;
  view.lines.set(m.key, lines.some(i => i !== null) ? lines : []);
  overTime(m);
  detail(m);
}

/* ---- layers ---- */

function layers(m, fresh) {
  const query = byId('search').value.trim().toLowerCase();
  const matches = t => !query || [t.layer, t.node, t.tensor, t.op, t.block].some(s => s && s.toLowerCase().includes(query));
  view.shown = m.taps.map((t, i) => i).filter(i => matches(m.taps[i]));
  byId('shown').textContent = view.shown.length === m.taps.length ? count(m.taps.length) : `${count(view.shown.length)} of ${count(m.taps.length)}`;
  bars(m, fresh);
  heat(m, fresh);
  blocks(m);
  layerTable(m);
  detail(m);
}

const others = m => siblings(m).filter(o => o.key !== m.key).map(o => {
  const taps = new Map(o.taps.map(t => [t.tensor, t]));
  return {name: 'arm ' + cap(o.arm || 'none'), of: t => taps.has(t.tensor) ? taps.get(t.tensor).sparsity : null};
});

function bars(m, fresh) {
  const shown = view.shown.join(), figure = layerFigure({label: 'now', model: {...m, taps: view.shown.map(i => m.taps[i])}}, {beside: others(m), most: 12});
  byId('bars-note').textContent = figure.note;
  const option = c => {
    const all = figure.option(c);
    // So many columns that each can be seen; the others are behind the slider.
    const end = Math.min(100, 100 * c.width / LEAST_COLUMN / Math.max(1, view.shown.length));
    return c.fresh ? {...all, dataZoom: all.dataZoom.map(one => ({...one, start: 0, end}))} : all;
  };
  plotIn(byId('c-layers'), {...figure, name: 'Sparsity by layer', height: Math.min(figure.height, 340), option}, fresh || shown !== bars.shown);
  bars.shown = shown;
}

/** Where the pointer is on the map of all layers: place of the tap and of the stretch of time. */
let pointed = null;

function heat(m, fresh) {
  const taps = view.shown, {start, end} = time();
  byId('overview').hidden = !end.length || !taps.length;
  if (byId('overview').hidden) return;
  const values = taps.map(i => layerHistory(m, i));
  const range = byId('range').value === 'full' ? [0, 1] : extent(values);
  byId('lo').textContent = percent(range[0]);
  byId('hi').textContent = percent(range[1]);
  const named = taps.length <= NAMED_ROWS;
  plotIn(byId('c-heat'), {name: 'Sparsity of all shown layers over time; the table has the same numbers', height: Math.max(110, Math.min(400, 50 + (named ? 18 : 4) * taps.length)),
    made: pointing,
    option: c => {
      const image = heatImage(values, end.length, range, c);
      return {
        grid: {left: 8, right: 24, top: 8, bottom: 8, containLabel: true},
        xAxis: {type: 'time', min: start[0], max: last(end), splitLine: {show: false}, axisLabel: {hideOverlap: true}},
        yAxis: {type: 'category', inverse: true, data: taps.map((tap, at) => at), axisTick: {show: false},
          axisLabel: {interval: named ? 0 : Math.ceil(taps.length / 12) - 1, fontSize: 12, formatter: at => named ? shorten(tapName(m.taps[taps[at]]), c.width < 600 ? 18 : 36) : count(taps[at] + 1)}},
        tooltip: {trigger: 'item', formatter: () => pointed && pointed.tap < taps.length ? tip(tapName(m.taps[taps[pointed.tap]]),
            stretch({start, end}, pointed.at), percent(values[pointed.tap][pointed.at], 2)) : ''},
        series: [{type: 'custom', data: [[start[0], 0]], cursor: 'crosshair', renderItem: ({coordSys: r}) =>
          ({type: 'image', style: {image: image(r), x: r.x, y: r.y, width: r.width, height: r.height}})}],
      };
    }}, fresh);
}

function pointing(instance) {
  const at = event => {
    const [when, row] = instance.convertFromPixel({gridIndex: 0}, [event.offsetX, event.offsetY]), {end} = time();
    const place = end.findIndex(t => t >= when);
    pointed = {tap: Math.max(0, Math.round(row)), at: place < 0 ? end.length - 1 : place};
  };
  instance.on('mousemove', p => at(p.event));
  instance.on('click', p => {
    at(p.event);
    if (pointed.tap < view.shown.length) show(view.shown[pointed.tap]);
  });
}

function extent(values) {
  let lo = 1, hi = 0;
  for (const row of values) for (const v of row) if (isNumber(v)) { lo = Math.min(lo, v); hi = Math.max(hi, v); }
  if (hi < lo) return [0, 1];
  return hi - lo < .001 ? [Math.max(0, lo - .0005), Math.min(1, hi + .0005)] : [lo, hi];
}

/** A pixel for each layer and stretch of time, then as large as the plot: without mixing neighbours, but for layers that outnumber the lines. */
function heatImage(values, n, [lo, hi], c) {
  const shades = Array.from({length: 256}, (_, i) => echarts.color.parse(shade(i / 255, c)));
  const small = el('canvas', {width: n, height: values.length}), pixels = new ImageData(n, values.length);
  values.forEach((row, y) => row.forEach((v, x) => {
    if (isNumber(v)) pixels.data.set([...shades[Math.round(255 * Math.max(0, Math.min(1, (v - lo) / (hi - lo))))].slice(0, 3), 255], 4 * (y * n + x));
  }));
  small.getContext('2d').putImageData(pixels, 0, 0);
  const scaled = (from, width, height, smooth) => {
    const to = el('canvas', {width, height}), context = to.getContext('2d');
    context.imageSmoothingEnabled = smooth;
    context.drawImage(from, 0, 0, width, height);
    return to;
  };
  return ({width, height}) => {
    const ratio = devicePixelRatio || 1, w = Math.max(1, Math.round(width * ratio)), h = Math.max(1, Math.round(height * ratio));
    return scaled(scaled(small, w, values.length, false), w, h, values.length > h);
  };
}

function blocks(m) {
  const all = m.blocks || [];
  byId('blocks').hidden = !all.length;
  if (!all.length) return;
  const sizes = new Map();
  for (const t of m.taps) sizes.set(t.block, (sizes.get(t.block) || 0) + 1);
  const cells = [
    [column('block', 'text'), b => cap(b.block)], [column('sparsity', 'meter'), b => b.activationSparsity],
    all.some(b => isNumber(b.weightSparsity)) && [column('weights', 'fine'), b => b.weightSparsity],
    [column('layers', 'count'), b => sizes.get(b.block) || 0], [column('its activation', 'text'), b => cap(b.activation || '')],
  ];
  tableIn(byId('blocks'), {caption: 'Blocks', cells, of: all, keys: all.map(b => b.block),
    onrow: i => search(chosenModel().blocks[i].block)});
}

const far = d => d.distance >= .01 && d.deviations !== null && d.deviations >= 3;

/** Words, so that nobody needs to tell colours apart. */
function alarms(t) {
  const d = t.drift, newly = d && d.newlyDead ? d.newlyDead.length : 0;
  return [num(t.nan) && `${short.format(num(t.nan))} NaN`, num(t.nanRuns) && `${short.format(num(t.nanRuns))} NaN runs`,
    d && far(d) && 'drift', newly && `${short.format(newly)} newly dead`].filter(Boolean).join(', ');
}

function layerTable(m) {
  const beside = others(m), drift = Boolean(m.drift), dead = m.taps.some(t => t.drift && num(t.drift.deadChannels));
  const alarming = m.taps.some(alarms), run = (t, key) => t.perRun ? t.perRun[key] : null, moved = (t, key) => t.drift ? t.drift[key] : null;
  const cells = [
    [column('layer', 'text'), t => cap(tapName(t))],
    [column('sparsity', 'meter', {low: 'least', high: 'most', beside: beside.map(o => o.name)}), t => t.sparsity],
    alarming && [column('marks', 'alarm'), alarms],
    [column('zeros', 'count'), t => t.zeros], [column('elements', 'count'), t => t.elements],
    [column('least', 'fine'), t => run(t, 'min')], [column('most', 'fine'), t => run(t, 'max')], [column('spread', 'fine'), t => t.perRun ? t.perRun.max - t.perRun.min : null], [column('deviation', 'fine'), t => run(t, 'stddev')],
    ...beside.map(o => [column(o.name, 'fine'), o.of]),
    drift && [column('reference', 'fine'), t => moved(t, 'reference')],
    drift && [column('drift, points', 'points'), t => t.drift ? t.drift.live - t.drift.reference : null],
    drift && [column('distance', 'size'), t => moved(t, 'distance')],
    dead && [column('dead channels', 'count'), t => moved(t, 'deadChannels')],
    [column('operator', 'text'), t => cap(t.op || '')],
    m.taps.some(t => t.block) && [column('block', 'text'), t => cap(t.block || '')],
    [column('runs', 'count'), t => t.runs],
  ];
  tableIn(byId('table'), {caption: 'Layers of ' + (cap(m.name) || 'the model') + (m.arm ? ', arm ' + cap(m.arm) : ''), cells,
    of: view.shown.map(i => m.taps[i]), keys: view.shown.map(i => i + ' ' + m.taps[i].tensor),
    chosen: view.active < 0 ? null : view.active + ' ' + m.taps[view.active].tensor,
    onrow: i => { byId('detail').classList.add('open'); show(view.shown[i]); turnLine(chosenModel(), view.shown[i]); },
    onmove: i => show(view.shown[i])});
}

function show(tap) {
  const m = chosenModel();
  view.active = tap;
  byId('table').table.choose(tap + ' ' + m.taps[tap].tensor);
  detail(m);
}

function detail(m) {
  const host = byId('detail'), t = m.taps[view.active], top = host.scrollTop;
  if (!t) {
    host.replaceChildren(el('p', {class: 'note'}, 'Choose a layer to see all of its numbers here and its line in the chart.'));
    return;
  }
  const rows = [], add = (k, v) => v !== '' && v !== null && v !== undefined && rows.push(el('dt', {}, k), el('dd', {}, el('bdi', {}, cap(String(v)))));
  add('Sparsity', percent(t.sparsity, 4));
  add('Zeros', count(t.zeros));
  add('Elements', count(t.elements));
  add('NaN', count(t.nan));
  if (num(t.nanRuns)) add('Runs not counted for NaN', count(t.nanRuns));
  add('Runs', count(t.runs));
  if (t.perRun) { add('Least sparse run', percent(t.perRun.min, 4)); add('Most sparse run', percent(t.perRun.max, 4)); add('Mean of runs', percent(t.perRun.mean, 4)); add('Standard deviation', percent(t.perRun.stddev, 4)); }
  for (const o of others(m)) {
    const other = o.of(t);
    if (isNumber(other) && isNumber(t.sparsity)) add(o.name, `${percent(other, 4)} (${points(other - t.sparsity)})`);
  }
  const d = t.drift;
  if (d) {
    add('Reference', percent(d.reference, 4)); add('Distance', inPoints(d.distance)); if (d.deviations !== null) add('Standard deviations away', d.deviations.toFixed(1));
    add('Dead channels', d.deadChannels);
    if (d.newlyDead) { add('Newly dead', [count(d.newlyDead.length), ...d.newlyDead.slice(0, 20)].join(d.newlyDead.length ? ': ' : '')); add('Revived', count(d.revived.length)); }
  }
  add('Operator', t.op);
  add('Type', t.type);
  add('Block', t.block);
  add('Node', t.node);
  add('Tensor', t.tensor);
  const drawn = ownLines(m).includes(view.active), focused = host.contains(document.activeElement) ? document.activeElement.id : '';
  host.replaceChildren(el('button', {type: 'button', id: 'shut', onclick: () => host.classList.remove('open')}, 'Close'),
      el('h2', {}, el('bdi', {}, cap(tapName(t)))), el('dl', {}, rows),
      el('button', {type: 'button', id: 'line', 'aria-pressed': String(drawn), onclick: () => turnLine(chosenModel(), view.active)}, drawn ? 'Take out of the chart' : 'Add to the chart'));
  if (focused) byId(focused).focus({preventScroll: true});
  host.scrollTop = top;
}

/* ---- what people do ---- */

function search(text) {
  byId('search').value = text;
  const m = chosenModel();
  if (m && m.taps.length) layers(m, false);
}

byId('search').addEventListener('input', () => search(byId('search').value));
byId('range').addEventListener('change', render);
document.addEventListener('keydown', e => {
  if (e.key === 'Escape') byId('detail').classList.remove('open');
  else if (e.key === '/' && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName) && !byId('layers').hidden) { e.preventDefault(); byId('search').focus(); }
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { redrawAll(); render(); });
document.addEventListener('visibilitychange', () => document.hidden ? (clearTimeout(timer), connection()) : poll());
addEventListener('online', poll);
setInterval(connection, 1000);
poll();
