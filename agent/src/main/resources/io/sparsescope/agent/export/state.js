'use strict';
/* What the agent has told so far, and how it is asked. Knows nothing of how the page looks: it calls render and connection. */
const POLL = 5000, TIMEOUT = 4500;

const state = {
  profile: null, series: null, drift: null, models: [], chosen: null, lostSince: 0, updated: 0, again: false,
};

const num = x => Number(x || 0);
const shareOf = (part, all) => num(all) > 0 ? num(part) / num(all) : null;

/** Integers beyond 2^53 stay exact where the browser tells their digits. */
function parse(text) {
  return JSON.parse(text, (k, v, context) =>
    typeof v === 'number' && Number.isInteger(v) && !Number.isSafeInteger(v) && context && /^\d+$/.test(context.source || '') ? BigInt(context.source) : v);
}

async function get(url) {
  const response = await fetch(url, {cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT)});
  if (!response.ok) throw new Error(`${url.split('?')[0]}: ${response.status}`);
  return parse(await response.text());
}

let timer = 0, asking = false;

async function poll() {
  clearTimeout(timer);
  if (asking || document.hidden) return;
  asking = true;
  try {
    do {
      state.again = false;
      const [profile, series, drift] = await Promise.all([get('profile.json'), moreSeries(), distance()]);
      state.profile = profile;
      state.drift = drift;
      takeSeries(series);
      state.updated = Date.now();
      state.lostSince = 0;
      takeProfile();
      render();
    } while (state.again);
  } catch (e) {
    if (!state.lostSince) state.lostSince = Date.now();
    console.debug(e);
  }
  asking = false;
  connection();
  if (!document.hidden) timer = setTimeout(poll, POLL);
}

function moreSeries() {
  const known = state.series, id = chosenSeriesId();
  if (known && known.start.length && known.layersOf === id) {
    return get(`series.json?model=${id}&since=${known.start[known.start.length - 1]}`).then(answer => ({answer, since: true, id}));
  }
  return get('series.json' + (id >= 0 ? `?model=${id}` : '?model=0')).then(answer => ({answer, since: false, id: id >= 0 ? id : 0}));
}

/** How far the counts are from the reference profile, where the agent has one. */
function distance() {
  return state.series && state.series.service.reference ? get('drift.json').catch(() => null) : Promise.resolve(null);
}

const LANES = ['runs', 'sampledRuns', 'drops', 'runsPerSecond', 'runNanos', 'overheadNanos', 'overhead', 'elements', 'zeros', 'sparsity'];

/** Puts new stretches behind the known ones. The last known one may have grown. */
function takeSeries({answer, since, id}) {
  const known = state.series;
  if (!since) {
    state.series = {...answer, layersOf: id, models: new Map(answer.models.map(m => [m.id, m]))};
    return;
  }
  const last = known.start.length - 1;
  if (answer.step !== known.step || answer.start[0] !== known.start[last] || answer.service.pid !== known.service.pid) {
    state.series = null; // Joined, or another process: everything anew.
    state.again = true;
    return;
  }
  known.service = answer.service;
  known.start.splice(last, 1, ...answer.start);
  known.end.splice(last, 1, ...answer.end);
  for (const m of answer.models) {
    let old = known.models.get(m.id);
    if (!old) {
      old = {...m, layers: (m.layers || []).map(l => ({...l, sparsity: Array(last + 1).fill(null)}))};
      for (const lane of LANES) old[lane] = Array(last + 1).fill(/s$/.test(lane) && lane !== 'runsPerSecond' ? 0 : null);
      known.models.set(m.id, old);
    }
    for (const lane of LANES) old[lane].splice(last, 1, ...m[lane]);
    (m.layers || []).forEach((l, i) => old.layers && old.layers[i] && old.layers[i].sparsity.splice(last, 1, ...l.sparsity));
  }
}

const identity = (m, taps) => JSON.stringify([m.name, m.sha256, m.graph, m.arm || '', taps]);

function takeProfile() {
  const seen = new Map(), ids = new Map();
  if (state.series) for (const m of state.series.models.values()) {
    const k = identity(m, m.taps);
    ids.set(k, [...(ids.get(k) || []), m]);
  }
  state.models = (state.profile.models || []).map(m => {
    const taps = m.taps.filter(t => t.kind !== 'weight'), k = identity(m, taps.length), nth = seen.get(k) || 0;
    seen.set(k, nth + 1);
    let elements = 0, zeros = 0;
    for (const t of taps) { elements += num(t.elements); zeros += num(t.zeros); }
    const drift = (state.drift && state.drift.models || []).find(d => d.name === m.name && d.sha256 === m.sha256 && (d.arm || '') === (m.arm || '')) || null;
    const drifts = new Map((drift && drift.taps || []).map(d => [d.tensor, d]));
    for (const t of taps) t.drift = drifts.get(t.tensor) || null;
    return {
      ...m, key: k + nth, taps, drift, elements, zeros, sparsity: shareOf(zeros, elements), arm: m.arm || '',
      cost: m.cost || {runNanos: 0, overheadNanos: 0, drops: 0}, skipped: m.skipped || [], thresholds: m.thresholds || [], transforms: m.transforms || [],
      history: (ids.get(k) || [])[nth] || null,
    };
  });
  if (!state.models.some(m => m.key === state.chosen)) {
    const first = state.models.find(m => m.taps.length) || state.models[0];
    if (first) choose(first.key, true);
  } else if (state.series && chosenSeriesId() >= 0 && state.series.layersOf !== chosenSeriesId()) {
    state.series = null;
    state.again = true;
  }
}

const chosenModel = () => state.models.find(m => m.key === state.chosen) || null;
const chosenSeriesId = () => { const m = chosenModel(); return m && m.history ? m.history.id : -1; };
const layerHistory = (m, i) => {
  const own = state.series && m.history && state.series.layersOf === m.history.id ? state.series.models.get(m.history.id) : null;
  return own && own.layers && own.layers[i] ? own.layers[i].sparsity : [];
};

function choose(key, quiet) {
  state.chosen = key;
  if (state.series && state.series.layersOf !== chosenSeriesId()) {
    state.series = null;
    if (quiet) state.again = true;
  }
  if (!quiet) { render(); asking ? state.again = true : poll(); }
}
