const charts = [];

/** A figure's plot. It is drawn when it comes into sight, and again when its size or the colours change. */
function plot(figure) {
  const host = el('div', {class: 'chart', role: 'img', 'aria-label': figure.name});
  host.style.height = figure.height + 'px';
  const chart = {host, figure, instance: null};
  charts.push(chart);
  new ResizeObserver(() => {
    if (!host.clientWidth) return;
    if (chart.instance) chart.instance.resize();
    else redraw(chart);
  }).observe(host);
  return host;
}

function redraw(chart) {
  if (!chart.host.clientWidth) return;
  chart.instance = chart.instance || echarts.init(chart.host, null, {renderer: 'canvas'});
  const c = {width: chart.host.clientWidth};
  for (const name of ['ink', 'soft', 'line', 'card', 'accent', 'weight', 'up', 'down', 'mark', 'zero', 'full']) {
    c[name] = cssColor('--' + name);
  }
  chart.instance.setOption(dressed(chart.figure.option(c), c), true);
}

const redrawAll = () => charts.forEach(chart => chart.instance && redraw(chart));

/** A tooltip made of text. */
function tip(head, ...lines) {
  return el('div', {class: 'tip'}, el('b', {}, head), lines.filter(Boolean).map(line => el('div', {}, line)));
}

/** A figure under its title. */
function figureCard(figure) {
  const note = [figure.note, figure.hint].filter(Boolean).join(' ');
  return el('div', {class: 'card'}, el('h2', {}, figure.title), note ? el('p', {class: 'note'}, note) : null, plot(figure));
}

function showPlots(view) {
  view.append(...figures(data).map(figureCard));
}
