const isNumber = value => typeof value === 'number' && Number.isFinite(value);

/** A whole number; a BigInt where it is too large for exact numbers. */
function count(value) {
  if (typeof value !== 'bigint' && !isNumber(value)) return '–';
  return String(typeof value === 'bigint' ? value : Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A share in per cent, never 0 or 100 for what is not quite so. */
function percent(value, digits = 1) {
  if (!isNumber(value)) return '–';
  const text = (100 * value).toFixed(digits), least = 10 ** -digits;
  if (Number(text) === 0 && value > 0) return '<' + least.toFixed(digits) + ' %';
  return (Number(text) === 100 && value < 1 ? '>' + (100 - least).toFixed(digits) : text) + ' %';
}

/** How often in a second. */
function rate(value) {
  return isNumber(value) ? value >= 100 ? count(value) : value.toFixed(value < 1 ? 2 : 1) : '–';
}

/** A share with three decimals, as the paper's tables have it. */
function share(value) {
  if (!isNumber(value)) return '-';
  const text = value.toFixed(3);
  if (text === '0.000' && value > 0) return '<0.001';
  return text === '1.000' && value < 1 ? '>0.999' : text;
}

function points(value) {
  return isNumber(value) ? (value > 0 ? '+' : value < 0 ? '−' : '') + (100 * Math.abs(value)).toFixed(2) : '–';
}

function bytes(value) {
  if (!isNumber(value)) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return (unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)) + ' ' + units[unit];
}

/** Fits a name in: its end tells more than its beginning. */
function shorten(text, most) {
  const letters = [...text.replace(/\p{Cc}+/gu, ' ')];
  if (letters.length <= most) return letters.join('');
  const head = most < 24 ? 0 : Math.floor((most - 1) / 3);
  return letters.slice(0, head).join('') + '…' + letters.slice(letters.length - (most - 1 - head)).join('');
}

/** What a tap is called by. */
const tapName = tap => tap.layer || tap.node || tap.tensor;
const isActivation = tap => tap.kind === 'activation';
const isWeight = tap => tap.kind === 'weight';

/** Weights of a model by layer: elements and zeros of each together (eq. 3). */
function weightsByLayer(model) {
  const all = new Map();
  model.taps.filter(isWeight).forEach(tap => {
    const sum = all.get(tapName(tap)) || {elements: 0, zeros: 0};
    sum.elements += tap.elements;
    sum.zeros += tap.zeros;
    all.set(tapName(tap), sum);
  });
  return all;
}

/** A time of day, in ms since 1970, where the reader is. */
const clock = t => new Date(t).toLocaleTimeString(undefined, {hour12: false});

/** A stretch of time, with its days where there are several. */
function stretch({start, end}, i) {
  if (end[end.length - 1] - start[0] < 86400000) return clock(start[i]) + ' to ' + clock(end[i]);
  const day = t => new Date(t).toLocaleDateString(undefined, {month: 'short', day: 'numeric'}) + ' ' + clock(t);
  return day(start[i]) + ' to ' + day(end[i]);
}
