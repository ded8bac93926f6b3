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

/** A number that matters, and what it is of. */
function fact(value, what) {
  return el('div', {class: 'fact'}, el('b', {}, value), el('span', {}, what));
}
