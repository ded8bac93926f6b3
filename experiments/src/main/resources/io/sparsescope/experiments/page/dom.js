const data = JSON.parse(document.getElementById('data').textContent);

const byId = id => document.getElementById(id);

/** An element with attributes, listeners (on...) and children; strings become text, never markup. */
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

const isNumber = value => typeof value === 'number' && Number.isFinite(value);

function count(value) {
  return isNumber(value) ? Math.round(value).toLocaleString('en-US') : '–';
}

/** A share in per cent, never 0 or 100 for what is not quite so. */
function percent(value) {
  if (!isNumber(value)) return '–';
  const text = (100 * value).toFixed(1);
  if (text === '0.0' && value > 0) return '<0.1 %';
  return (text === '100.0' && value < 1 ? '>99.9' : text) + ' %';
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

const cssColor = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** From the colour of no zeros to that of zeros alone. */
function sparsityColor(value) {
  return isNumber(value) ? d3.interpolateLab(cssColor('--zero'), cssColor('--full'))(value) : cssColor('--card');
}

/** Black or white, whichever is read more easily on a colour. */
function inkOn(color) {
  const c = d3.rgb(color);
  const part = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  return .2126 * part(c.r) + .7152 * part(c.g) + .0722 * part(c.b) > .2 ? '#0c1420' : '#ffffff';
}

/** Fits a name in: its end tells more than its beginning. */
function shorten(text, most) {
  const letters = [...text.replace(/\p{Cc}+/gu, ' ')];
  if (letters.length <= most) return letters.join('');
  const head = most < 24 ? 0 : Math.floor((most - 1) / 3);
  return letters.slice(0, head).join('') + '…' + letters.slice(letters.length - (most - 1 - head)).join('');
}

let silence;
function say(text) {
  const said = byId('said');
  said.textContent = text;
  said.classList.add('on');
  clearTimeout(silence);
  silence = setTimeout(() => said.classList.remove('on'), 1800);
}

async function copy(text, what) {
  window.copied = text;
  try {
    await navigator.clipboard.writeText(text);
  } catch (refused) {
    const area = el('textarea', {'aria-hidden': 'true'});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(what + ' copied');
}

/** A select of labels that calls with the chosen place. */
function chooser(label, labels, onchoose, chosen = 0) {
  const select = el('select', {onchange: () => onchoose(Number(select.value))},
      labels.map((text, i) => el('option', {value: i, selected: i === chosen ? '' : null}, shorten(text, 70))));
  return el('label', {}, label, select);
}

/** What a tap is called by. */
const tapName = tap => tap.layer || tap.node || tap.tensor;
const isActivation = tap => tap.kind === 'activation';
const isWeight = tap => tap.kind === 'weight';

/** Weights of a model by layer: elements and zeros of each together (eq. 3). */
function weightsByLayer(model) {
  const all = new Map();
  for (const tap of model.taps.filter(isWeight)) {
    const sum = all.get(tapName(tap)) || {elements: 0, zeros: 0};
    sum.elements += tap.elements;
    sum.zeros += tap.zeros;
    all.set(tapName(tap), sum);
  }
  return all;
}
