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
